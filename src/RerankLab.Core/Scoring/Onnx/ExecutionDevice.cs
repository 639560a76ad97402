using System.Globalization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>Where the user wants a model to run: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
public sealed record ExecutionDevice
{
    ExecutionDevice(string name, int? cudaDevice) => (Name, CudaDevice) = (name, cudaDevice);

    public static readonly ExecutionDevice Auto = new("auto", null);
    public static readonly ExecutionDevice Cpu = new("cpu", null);

    /// <summary>What <see cref="TryParse"/> takes, in words.</summary>
    public const string Forms = "auto, cpu, cuda or cuda:N";

    public string Name { get; }

    /// <summary>The CUDA device's number; null for auto and cpu.</summary>
    public int? CudaDevice { get; }

    /// <summary>Null where the text names no device.</summary>
    public static ExecutionDevice? TryParse(string text) => text switch
    {
        "auto" => Auto,
        "cpu" => Cpu,
        "cuda" => new(text, 0),
        _ when text.StartsWith("cuda:", StringComparison.Ordinal)
               && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int number) => new(text, number),
        _ => null,
    };

    /// <summary>
    /// Settles auto: CUDA where an NVIDIA device is visible (even if it then cannot be used: a rented GPU that idles is
    /// the worst outcome), the CPU elsewhere.
    /// </summary>
    public ExecutionDevice Resolve() => this == Auto ? (NvidiaDeviceIsVisible() ? TryParse("cuda")! : Cpu) : this;

    /// <summary>Why auto chose as it did; null where the user chose.</summary>
    public string? Reason => this != Auto ? null : NvidiaDeviceIsVisible() ? "an NVIDIA GPU is visible" : "no NVIDIA GPU is visible";

    /// <summary>True where this machine has an NVIDIA driver and CUDA_VISIBLE_DEVICES does not hide its devices.</summary>
    static bool NvidiaDeviceIsVisible()
    {
        if (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is "" or "-1") return false;
        return OperatingSystem.IsWindows()
            ? File.Exists(Path.Combine(Environment.SystemDirectory, "nvcuda.dll"))
            // The last: Windows' driver, as its subsystem for Linux sees it.
            : File.Exists("/proc/driver/nvidia/version") || File.Exists("/dev/nvidia0") || File.Exists("/dev/nvidiactl")
              || File.Exists("/usr/lib/wsl/lib/libcuda.so.1");
    }
}
