using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>Which of ONNX Runtime's providers really compute on this machine: each is asked for a product of matrices.</summary>
public static class ProviderProbe
{
    /// <summary>The versions of ONNX Runtime's two halves, and whether they fit.</summary>
    public static Finding Versions()
    {
        const string check = "ONNX Runtime";
        var managed = typeof(InferenceSession).Assembly.GetName().Version!;
        try
        {
            var native = OrtEnv.Instance().GetVersionString();
            var providers = string.Join(", ", OrtEnv.Instance().GetAvailableProviders());
            return Version.Parse(native) is var n && (n.Major, n.Minor) == (managed.Major, managed.Minor)
                ? Finding.Ok(check, $"{native}, built with {providers}")
                : Finding.Problem(check, $"the native library is {native}, but rlab was built for {managed.ToString(3)}",
                    "another libonnxruntime lies beside rlab or comes first in LD_LIBRARY_PATH: remove it, or build rlab again");
        }
        catch (Exception e) when (CannotBeLoaded(e) is not null)
        {
            return Finding.Problem(check, $"the native library cannot be loaded: {CannotBeLoaded(e)}",
                "copy all files of the build, the native libraries too; it does not run on Alpine (musl), " +
                "nor on systems much older than Debian 12 or Ubuntu 22.04");
        }
    }

    /// <summary>Whether rlab was built with the CUDA provider. False too where the native library cannot be loaded.</summary>
    public static bool HasCuda
    {
        get
        {
            try
            {
                return CudaSession.IsBuiltIn;
            }
            catch (Exception e) when (CannotBeLoaded(e) is not null)
            {
                return false;
            }
        }
    }

    public static Finding Cpu() => Probe("CPU provider", "CPUExecutionProvider", _ => { });

    /// <param name="device">The GPU's number.</param>
    /// <param name="wanted">The user's options of the provider, and its library.</param>
    public static Finding Cuda(int device, ExecutionSpec wanted) => Probe("CUDA provider", "CUDAExecutionProvider", options =>
    {
        CudaSession.Use(options, device, wanted);
        // What the GPU cannot do is an error, rather than the CPU's work.
        options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
    });

    static Finding Probe(string check, string provider, Action<SessionOptions> choose)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            choose(options);
            using var session = new InferenceSession(ProbeGraph.Bytes, options);
            using var input = OrtValue.CreateTensorValueFromMemory([1f, 2, 3, 4], [2, 2]);
            using var run = new RunOptions();
            using var outputs = session.Run(run, [ProbeGraph.Input], [input], [ProbeGraph.Output]);
            var product = outputs[0].GetTensorDataAsSpan<float>();
            return product.SequenceEqual([7f, 10, 15, 22])
                ? Finding.Ok(check, $"{provider} computes (a probe took {watch.Elapsed.TotalMilliseconds:0} ms)")
                : Finding.Problem(check,
                    $"{provider} computes wrongly: [{string.Join(", ", product.ToArray())}] instead of [7, 10, 15, 22]",
                    "do not score here: the hardware or its driver is broken");
        }
        catch (Exception e) when (e is OnnxRuntimeException || CannotBeLoaded(e) is not null)
        {
            var failure = RuntimeFailure.Explain(e.Message);
            var what = check == "CUDA provider" ? "CUDA not available" : $"{provider} does not run";
            return Finding.Problem(check, $"{what}: {failure?.Cause ?? e.Message}", failure?.Remedy);
        }
    }

    /// <summary>Why the native library cannot be loaded; null where the exception means something else.</summary>
    static string? CannotBeLoaded(Exception e) => e switch
    {
        TypeInitializationException { InnerException: { } inner } => CannotBeLoaded(inner),
        DllNotFoundException or EntryPointNotFoundException or BadImageFormatException => LoaderReason(e.Message),
        _ => null,
    };

    /// <summary>Of a message of .NET's loader, which lists every place that it looked at, the place where it found something.</summary>
    internal static string LoaderReason(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Skip(1).FirstOrDefault(l => !l.EndsWith("No such file or directory", StringComparison.Ordinal)) is { } reason ? reason
            : lines.Length > 1 ? "it is not beside rlab" : message;
    }
}
