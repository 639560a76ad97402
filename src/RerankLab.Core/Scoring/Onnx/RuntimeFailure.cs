using System.Text.RegularExpressions;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// What a message of ONNX Runtime means, and what to do about it. The texts are those of ONNX Runtime 1.31 and of the
/// reports in its issue tracker; codes are those of cudaError_t.
/// </summary>
/// <param name="Cause">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
public sealed partial record RuntimeFailure(string Cause, string Remedy)
{
    const string UseCpu = "or run on the CPU knowingly with run.device: cpu";

    /// <summary>Null for a message that says nothing to us.</summary>
    public static RuntimeFailure? Explain(string message)
    {
        if (MissingLibrary().Match(message) is { Success: true } missing) return Missing(missing.Groups["library"].Value);
        if (OldSystem().Match(message) is { Success: true } old)
            return new($"this system's C or C++ library is too old: {old.Groups["version"].Value} is not there",
                "use a newer system, such as Ubuntu 24.04");
        if (WindowsLoad().IsMatch(message))
            return new("a library that the CUDA provider needs is missing", $"{CudaRequirements.InstallToolkit}; {UseCpu}");
        if (CudaFailure().Match(message) is { Success: true } failure && OfCuda(failure) is { } ofCuda) return ofCuda;
        if (IsOutOfMemory(message)) return NoMemory;
        if (NoSuchGpu().IsMatch(message)) return UnknownGpu;
        if (UnknownOption().Match(message) is { Success: true } option)
            return new($"the CUDA provider has no option '{option.Groups["key"].Value}'",
                "correct or leave out that key of run.cuda; ONNX Runtime's documentation of the provider lists them");
        if (OutOfBounds().Match(message) is { Success: true } bounds)
            return new($"an id is outside of a table of the model: {bounds.Groups["id"].Value} of at most {bounds.Groups["last"].Value}; " +
                "either the tokenizer is another model's, or pairs are longer than the model's positions",
                "bring tokenizer.json and config.json of this very model, or set scorer.max_length to what it takes; " +
                "rlab model inspect shows both");
        if (NoCudnn().IsMatch(message))
            return new("this model needs cuDNN, which is not installed", $"{CudaRequirements.InstallCudnn}; {UseCpu}");
        if (CutOff().IsMatch(message))
            return new("a file of the model is missing, cut off or damaged: was the download interrupted?",
                "fetch the model's files again, and compare their sizes with the source's");
        if (UnknownOperator().IsMatch(message))
            return new("the graph is newer than this version of ONNX Runtime, or uses an operator that it does not know",
                "export the model again with an older opset, or update rlab");
        return null;
    }

    /// <summary>Whether a message says that there was no memory; ONNX Runtime has no code of its own for that.</summary>
    public static bool IsOutOfMemory(string message) => OutOfMemory().IsMatch(message)
        || CudaFailure().Match(message) is { Success: true } failure && OfCuda(failure) == NoMemory;

    static RuntimeFailure NoMemory => new("OOM: out of memory",
        "make batches smaller with run.batch_tokens, shorten pairs with scorer.max_length, use scorer.precision: fp16, " +
        "or end other programs that use this memory");

    static RuntimeFailure UnknownGpu =>
        new("there is no GPU of that number", "name another with run.device: cuda:N; nvidia-smi -L lists them, from 0");

    static RuntimeFailure Missing(string library)
    {
        var name = Path.GetFileName(library.Replace('\\', '/'));
        if (name.Contains("onnxruntime", StringComparison.Ordinal))
            return new($"{name} is not beside rlab: this build is not whole",
                $"build rlab with -p:OrtFlavor=Gpu and copy all of its files; {UseCpu}");
        if (name.StartsWith("libcuda.", StringComparison.Ordinal) || name.StartsWith("nvcuda", StringComparison.Ordinal))
            return new($"the NVIDIA driver's library {name} is missing", $"{CudaRequirements.InstallDriver}; {UseCpu}");
        return name.Contains("cudnn", StringComparison.Ordinal)
            ? new($"the cuDNN library {name} is missing", $"{CudaRequirements.InstallCudnn}; {UseCpu}")
            : new($"the CUDA library {name} is missing", $"{CudaRequirements.InstallToolkit}; {UseCpu}");
    }

    static RuntimeFailure? OfCuda(Match failure) => (failure.Groups["code"].Value, failure.Groups["name"].Value) switch
    {
        ("2", _) or (_, "cudaErrorMemoryAllocation") => NoMemory,
        ("35", _) or (_, "cudaErrorInsufficientDriver") => new(
            $"the NVIDIA driver is too old for CUDA {CudaRequirements.Toolkit}", $"{CudaRequirements.InstallDriver}; {UseCpu}"),
        ("100", _) or (_, "cudaErrorNoDevice") => new(
            "CUDA finds no GPU", $"check nvidia-smi and CUDA_VISIBLE_DEVICES; in a container, start it with --gpus all; {UseCpu}"),
        ("101", _) or (_, "cudaErrorInvalidDevice") => UnknownGpu,
        ("209", _) or (_, "cudaErrorNoKernelImageForDevice") => new(
            "this GPU is too old, or too new, for this version of ONNX Runtime",
            $"take a GPU of compute capability 7.5 (Turing) or later, or update rlab; {UseCpu}"),
        ("802", _) or (_, "cudaErrorSystemNotReady") => new(
            "the GPUs are not ready: NVIDIA's fabric manager is not running",
            "start nvidia-fabricmanager on the host, in the driver's own version; or take another machine"),
        ("803" or "804", _) or (_, "cudaErrorSystemDriverMismatch" or "cudaErrorCompatNotSupportedOnDevice") => new(
            "the driver in the kernel and its libraries do not fit",
            "restart the machine after a driver update; remove cuda-compat where the driver is new enough"),
        _ => null,
    };

    [GeneratedRegex("""Failed to load library .* with error: (?<library>[^\s:]+): cannot open shared object file|""" +
        """which depends on "(?<library>[^"]+)" which is missing""")]
    private static partial Regex MissingLibrary();

    [GeneratedRegex("""version [`'](?<version>(?:GLIBC|GLIBCXX|CXXABI)_[0-9.]+)' not found""")]
    private static partial Regex OldSystem();

    [GeneratedRegex("LoadLibrary failed with error 126 ")]
    private static partial Regex WindowsLoad();

    [GeneratedRegex("""CUDA failure (?<code>\d+):|CUDA error (?<name>cudaError\w+)""")]
    private static partial Regex CudaFailure();

    [GeneratedRegex("Failed to allocate memory|smaller than requested bytes|out of memory|bad_alloc|bad allocation|_STATUS_ALLOC_FAILED|HOST_ALLOCATION_FAILED",
        RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMemory();

    [GeneratedRegex("""indices element out of data bounds, idx=(?<id>-?\d+) must be within the inclusive range \[-?\d+,(?<last>\d+)\]""")]
    private static partial Regex OutOfBounds();

    [GeneratedRegex("Invalid device ID: [0-9]+, must be between")]
    private static partial Regex NoSuchGpu();

    [GeneratedRegex("Unknown provider option: \"(?<key>[^\"]+)\"")]
    private static partial Regex UnknownOption();

    [GeneratedRegex("cuDNN is (?:not available|unavailable)")]
    private static partial Regex NoCudnn();

    [GeneratedRegex("Protobuf parsing failed|External initializer: .* can not be read in full|External data path does not exist")]
    private static partial Regex CutOff();

    [GeneratedRegex("""is not a registered function/op|No Op registered for|Could not find an implementation for|""" +
        """guarantees\* support for models|Unsupported model IR version""")]
    private static partial Regex UnknownOperator();
}
