using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Diagnosis;

/// <summary>Whether ONNX Runtime computes on the device that is asked for.</summary>
public static class Providers
{
    /// <param name="wanted">The device, and how it is to be used.</param>
    /// <param name="weights">Bytes of the model's weights; 0 without a model.</param>
    public static IEnumerable<Finding> Check(ExecutionSpec wanted, long weights)
    {
        const string check = "CUDA provider";
        var versions = ProviderProbe.Versions();
        yield return versions;
        if (versions.Severity == Severity.Problem) yield break;
        yield return ProviderProbe.Cpu();

        var device = wanted.Device.Resolve();
        foreach (var finding in NvidiaDriver.Read().Check(wanted.Device, device.CudaDevice is not null, weights)) yield return finding;
        if (device.CudaDevice is not { } number) yield break;
        if (wanted.CudaPlugin is null && !ProviderProbe.HasCuda)
        {
            yield return Finding.Problem(check, "CUDA not available: this build of rlab has ONNX Runtime for the CPU only",
                "build rlab with -p:OrtFlavor=Gpu, or run on the CPU knowingly with run.device: cpu");
            yield break;
        }
        if (CudaLibraries.Check() is { } libraries) yield return libraries;
        yield return ProviderProbe.Cuda(number, wanted);
    }
}
