using System.Globalization;
using System.Text.RegularExpressions;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Diagnosis;

/// <summary>A GPU as NVIDIA's driver describes it; memory in bytes.</summary>
public sealed record Gpu(int Number, string Name, long MemoryTotal, long MemoryFree);

/// <summary>What this machine shows of NVIDIA's driver and its GPUs.</summary>
/// <param name="Version">The driver's version, as in 580.65.06; null where there is no driver, or it does not say.</param>
/// <param name="IsPresent">Whether there is a driver.</param>
/// <param name="HasDevices">Whether its devices are there: a container without GPUs sees the host's driver, but no devices.</param>
/// <param name="VisibleDevices"><c>CUDA_VISIBLE_DEVICES</c>; null where it is not set.</param>
/// <param name="Gpus">The GPUs, as far as the driver's management library (NVML) tells.</param>
public sealed partial record NvidiaDriver(string? Version, bool IsPresent, bool HasDevices, string? VisibleDevices, IReadOnlyList<Gpu> Gpus)
{
    /// <summary>Less than this is little for a model and a batch.</summary>
    const long LittleMemory = 2 * ByteSize.GiB;

    /// <summary>Activations of a batch take about as much again as the weights.</summary>
    const int CopiesOfWeights = 2;

    public static NvidiaDriver Read()
    {
        const string file = "/proc/driver/nvidia/version";
        var (version, gpus) = Nvml.Read();
        bool hasFile = File.Exists(file);
        if (hasFile) version ??= ParseVersion(File.ReadAllText(file));
        bool hasDevices = gpus.Count > 0 || File.Exists("/dev/nvidiactl") || File.Exists("/dev/dxg");
        return new NvidiaDriver(version, hasFile || version is not null, hasDevices,
            Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"), gpus);
    }

    /// <summary>The version in the text of <c>/proc/driver/nvidia/version</c>; null where there is none.</summary>
    public static string? ParseVersion(string text) => VersionLine().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>What of it stands in CUDA's way.</summary>
    /// <param name="asked">The device that is asked for.</param>
    /// <param name="isWanted">Whether that means a GPU on this machine.</param>
    /// <param name="weights">Bytes of the model's weights; 0 without a model.</param>
    public IEnumerable<Finding> Check(ExecutionDevice asked, bool isWanted, long weights)
    {
        const string driver = "NVIDIA driver", visible = "CUDA_VISIBLE_DEVICES", memory = "GPU memory";
        if (asked == ExecutionDevice.Cpu)
        {
            yield return Finding.Ok(driver, $"{Version ?? "none"}; not asked for");
            yield break;
        }
        if (!IsPresent)
        {
            yield return isWanted
                ? Finding.Problem(driver, "CUDA not available: there is no NVIDIA driver on this machine",
                    $"{CudaRequirements.InstallDriver}; or run.device: cpu")
                : Finding.Ok(driver, "none: models run on the CPU");
            yield break;
        }
        yield return Major(Version) is { } major && major < CudaRequirements.Driver
            ? Finding.Warning(driver, $"{Version} is too old for CUDA {CudaRequirements.Toolkit}, unless a cuda-compat package bridges it",
                CudaRequirements.InstallDriver)
            : Finding.Ok(driver, Version ?? "present, of an unknown version");
        if (!HasDevices)
            yield return Finding.Warning("NVIDIA devices",
                "CUDA not available: the driver is loaded, but its devices cannot be seen (/dev/nvidiactl is missing)",
                "start the container with --gpus all (NVIDIA Container Toolkit), or take a machine with a GPU; or run.device: cpu");
        if (VisibleDevices is "" or "-1")
            yield return Finding.Warning(visible, $"CUDA not available: '{VisibleDevices}' hides every GPU",
                "unset CUDA_VISIBLE_DEVICES, unless the CPU is meant");
        else if (VisibleDevices is not null)
            yield return Finding.Ok(visible, $"'{VisibleDevices}': the first of these is cuda:0");
        foreach (var gpu in isWanted ? Gpus : [])
        {
            var found = $"{gpu.Number}: {gpu.Name}, {ByteSize.Shown(gpu.MemoryFree)} of {ByteSize.Shown(gpu.MemoryTotal)} free";
            yield return gpu.MemoryFree < Math.Max(LittleMemory, CopiesOfWeights * weights)
                ? Finding.Warning(memory, found + ": OOM (out of memory) is likely",
                    "end what else runs there (nvidia-smi shows it), name another with run.device: cuda:N, " +
                    "or make batches smaller with run.batch_tokens")
                : Finding.Ok(memory, found);
        }
    }

    static int? Major(string? version) =>
        int.TryParse(version?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : null;

    [GeneratedRegex(@"NVRM version:.*?\s(\d+\.\d+(?:\.\d+)?)\s")]
    private static partial Regex VersionLine();
}
