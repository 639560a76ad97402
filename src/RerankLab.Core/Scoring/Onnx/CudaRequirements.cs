namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// What ONNX Runtime's CUDA provider needs. Source: the NEEDED entries of libonnxruntime_providers_cuda.so in
/// Microsoft.ML.OnnxRuntime.Gpu.Linux 1.31.0; CUDA 12 was dropped in 1.27, cuDNN became optional in 1.28 (release notes).
/// </summary>
public static class CudaRequirements
{
    /// <summary>The major version of CUDA.</summary>
    public const int Toolkit = 13;

    /// <summary>The oldest driver branch that runs it (CUDA 13.0's release notes: 580.65.06).</summary>
    public const int Driver = 580;

    /// <summary>Libraries without which the provider cannot be loaded on Linux; the driver brings the last.</summary>
    public static readonly IReadOnlyList<string> Libraries =
        ["libcublasLt.so.13", "libcublas.so.13", "libcurand.so.10", "libcudart.so.13", "libcuda.so.1"];

    public const string InstallDriver =
        "install NVIDIA's driver 580 or newer on the host; in a container, start it with --gpus all (NVIDIA Container Toolkit)";

    public const string InstallToolkit =
        "install the libraries of CUDA 13 (package cuda-libraries-13-0 of NVIDIA's repository), or start from an image such as " +
        "nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04; where they are installed, name their folder in LD_LIBRARY_PATH (Windows: PATH)";

    public const string InstallCudnn =
        "install cuDNN 9 for CUDA 13 (package cudnn9-cuda-13 of NVIDIA's repository), or start from an image with cudnn in its name";
}
