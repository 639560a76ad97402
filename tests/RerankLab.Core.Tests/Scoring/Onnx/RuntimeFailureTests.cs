using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

/// <summary>
/// Texts of ONNX Runtime, as its versions and platforms write them, their paths shortened. Those of libraries that are
/// missing on Linux were seen with Microsoft.ML.OnnxRuntime.Gpu.Linux 1.31.0; those of a GPU come from reports in ONNX
/// Runtime's issue tracker.
/// </summary>
public sealed class RuntimeFailureTests : IDisposable
{
    readonly ModelFolder _folder = ModelFolder.Whole();

    public void Dispose() => _folder.Dispose();

    static string Linux(string library) =>
        "[ErrorCode:Fail] /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2043 " +
        "onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load " +
        $"library /opt/rlab/libonnxruntime_providers_cuda.so with error: {library}: cannot open shared object file: " +
        "No such file or directory\n";

    static string Cuda(int code, string text) =>
        "[ErrorCode:RuntimeException] /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:122 " +
        "std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, " +
        "const char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true] " +
        $"CUDA failure {code}: {text} ; GPU=-1 ; hostname=box ; file=/onnxruntime_src/onnxruntime/core/providers/" +
        "cuda/cuda_execution_provider.cc ; line=336 ; expr=cudaSetDevice(info_.device_id); ";

    static RuntimeFailure Explain(string message)
    {
        var failure = RuntimeFailure.Explain(message);
        Assert.NotNull(failure);
        return failure;
    }

    [Theory]
    [InlineData("libcublasLt.so.13", "the CUDA library libcublasLt.so.13 is missing", "cuda-libraries-13-0")]
    [InlineData("libcudart.so.13", "the CUDA library libcudart.so.13 is missing", "LD_LIBRARY_PATH")]
    [InlineData("libcurand.so.10", "the CUDA library libcurand.so.10 is missing", "CUDA 13")]
    [InlineData("libcuda.so.1", "the NVIDIA driver's library libcuda.so.1 is missing", "--gpus all")]
    [InlineData("libcudnn.so.9", "the cuDNN library libcudnn.so.9 is missing", "cudnn9-cuda-13")]
    [InlineData("libcudnn_adv.so.9", "the cuDNN library libcudnn_adv.so.9 is missing", "cuDNN 9")]
    [InlineData("/opt/rlab/libonnxruntime_providers_cuda.so", "libonnxruntime_providers_cuda.so is not beside rlab",
        "-p:OrtFlavor=Gpu")]
    public void A_library_that_is_missing_is_named_with_what_brings_it(string library, string cause, string remedy)
    {
        var failure = Explain(Linux(library));
        Assert.StartsWith(cause, failure.Cause);
        Assert.Contains(remedy, failure.Remedy);
        Assert.EndsWith("or run on the CPU knowingly with run.device: cpu", failure.Remedy);
    }

    [Theory]
    [InlineData("""which depends on "cublasLt64_13.dll" which is missing. (Error 126: "")""",
        "the CUDA library cublasLt64_13.dll is missing")]
    [InlineData("""which depends on "cudnn64_9.dll" which is missing. (Error 126)""",
        "the cuDNN library cudnn64_9.dll is missing")]
    [InlineData("""LoadLibrary failed with error 126 "" when trying to load "onnxruntime_providers_cuda.dll" """,
        "a library that the CUDA provider needs is missing")]
    public void So_it_is_on_Windows(string message, string cause) => Assert.Equal(cause,
        Explain($"[ONNXRuntimeError] : 1 : FAIL : Error loading \"onnxruntime_providers_cuda.dll\" {message}").Cause);

    [Theory]
    [InlineData(35, "CUDA driver version is insufficient for CUDA runtime version",
        "the NVIDIA driver is too old for CUDA 13", "580")]
    [InlineData(100, "no CUDA-capable device is detected", "CUDA finds no GPU", "CUDA_VISIBLE_DEVICES")]
    [InlineData(101, "invalid device ordinal", "there is no GPU of that number", "cuda:N")]
    [InlineData(2, "out of memory", "OOM: out of memory", "run.batch_tokens")]
    [InlineData(209, "no kernel image is available for execution on the device",
        "this GPU is too old, or too new", "7.5")]
    [InlineData(802, "system not yet initialized", "the GPUs are not ready", "fabricmanager")]
    [InlineData(803, "system has unsupported display driver / cuda driver combination",
        "the driver in the kernel and its libraries do not fit", "restart")]
    public void CUDAs_codes_are_explained(int code, string text, string cause, string remedy)
    {
        var failure = Explain(Cuda(code, text));
        Assert.StartsWith(cause, failure.Cause);
        Assert.Contains(remedy, failure.Remedy);
    }

    [Theory]
    [InlineData("Non-zero status code returned while running ReduceSum node. Name:'x' Status Message: bfc_arena.cc " +
        "void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate " +
        "memory for requested buffer of size 939524096")]
    [InlineData("BFC Arena ran out of memory trying to allocate 1024. Current memory allocated is 2048")]
    [InlineData("std::bad_alloc")]
    public void Memory_that_ran_out_is_OOM(string message) =>
        Assert.Equal("OOM: out of memory", Explain(message).Cause);

    [Theory]
    [InlineData("Load model from model.onnx failed:Protobuf parsing failed.")]
    [InlineData("Exception during initialization: initializer.cc:51 [ONNXRuntimeError] : 1 : FAIL : External " +
        "initializer: w offset: 0 size to read: 8 given file_length: 6 are out of bounds or can not be read in full.")]
    [InlineData("External data path validation failed for initializer: w. Error: External data path does not exist: w")]
    public void Files_that_are_not_whole_are_told(string message) => Assert.Equal(
        "a file of the model is missing, cut off or damaged: was the download interrupted?", Explain(message).Cause);

    [Theory]
    [InlineData("Load model from m.onnx failed: ONNX Runtime only *guarantees* support for models stamped with " +
        "official released onnx opset versions. Opset 99 is under development")]
    [InlineData("Load model from m.onnx failed: Unsupported model IR version: 99, max supported IR version: 13")]
    public void Graphs_of_a_newer_time_are_told(string message) => Assert.StartsWith(
        "the graph is newer than this version of ONNX Runtime", Explain(message).Cause);

    [Theory]
    [InlineData("Non-zero status code returned while running Sigmoid node. Status Message: CUDA error " +
        "cudaErrorNoKernelImageForDevice:no kernel image is available for execution on the device",
        "this GPU is too old, or too new, for this version of ONNX Runtime")]
    [InlineData("cuDNN is not available. Install cuDNN, update the system library search path, or set enable_cudnn=0",
        "this model needs cuDNN, which is not installed")]
    [InlineData("Failed to load library a.so with error: /lib/libm.so.6: version `GLIBC_2.38' not found (by x)",
        "this system's C or C++ library is too old: GLIBC_2.38 is not there")]
    public void Other_texts_are_explained(string message, string cause) =>
        Assert.Equal(cause, Explain(message).Cause);

    [Theory]
    [InlineData("")]
    [InlineData("Non-zero status code returned while running Add node. Status Message: shapes do not broadcast")]
    [InlineData("CUDA failure 700: an illegal memory access was encountered ; GPU=0")]
    public void What_says_nothing_to_us_is_left_as_it_is(string message) =>
        Assert.Null(RuntimeFailure.Explain(message));

    [Fact]
    public void An_id_beyond_the_models_table_is_explained_as_this_version_writes_it()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        graph.Initializer("table", [5, 1], new float[5]);
        graph.Initializer("axis", [1], [1L]);
        graph.Node("Gather", "embedded", ["table", "input_ids"], OnnxAttribute.Int("axis", 0));
        graph.Node("ReduceSum", "logits", ["embedded", "axis"], OnnxAttribute.Int("keepdims", 0));
        graph.Save(_folder["onnx/model.onnx"]);

        Assert.Equal([0], _folder.Score(("", "")));
        var error = Assert.Throws<UserError>(() => _folder.Score(("a", "b c")));
        Assert.StartsWith("ONNX Runtime failed on a batch of 1 pairs, the longest of 6 tokens: ", error.Message);
        Assert.StartsWith("an id is outside of a table of the model: 5 of at most 4; either the tokenizer is another " +
            "model's", error.Hint);
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_explained_as_this_version_writes_it()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        graph.Node("NoSuchOperator", "logits", ["input_ids"]);
        graph.Save(_folder["onnx/model.onnx"]);
        Assert.StartsWith("the graph is newer than this version of ONNX Runtime, or uses an operator that it does " +
            "not know: ", _folder.LoadError().Hint);
    }
}
