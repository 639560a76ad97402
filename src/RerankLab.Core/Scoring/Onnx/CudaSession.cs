using Microsoft.ML.OnnxRuntime;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>Sessions of ONNX Runtime on a GPU.</summary>
static class CudaSession
{
    /// <summary>True where rlab was built with ONNX Runtime's CUDA provider; whether it can be loaded is another matter.</summary>
    public static bool IsBuiltIn => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    /// <summary>Makes sessions with these options run on a GPU.</summary>
    /// <exception cref="OnnxRuntimeException">The provider cannot be loaded.</exception>
    public static void Use(SessionOptions options, int device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = $"{device}",
            // TF32 rounds the factors of every product: another score than fp32's.
            ["use_tf32"] = "0",
        });
        options.AppendExecutionProvider_CUDA(cuda);
    }
}
