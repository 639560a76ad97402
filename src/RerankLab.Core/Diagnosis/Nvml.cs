using System.Runtime.InteropServices;
using System.Text;

namespace RerankLab.Core.Diagnosis;

/// <summary>
/// NVIDIA's management library, which the driver brings: what nvidia-smi shows. Signatures: NVML API reference, R525 to R590.
/// </summary>
static class Nvml
{
    const int Success = 0, NameLength = 96;

    static readonly string[] Names = OperatingSystem.IsWindows() ? ["nvml.dll"] : ["libnvidia-ml.so.1", "libnvidia-ml.so"];

    delegate int NoArguments();

    delegate int TakesText(byte[] text, uint length);

    delegate int GivesCount(out uint count);

    delegate int GivesHandle(uint index, out nint device);

    delegate int GivesName(nint device, byte[] name, uint length);

    delegate int GivesMemory(nint device, out Memory memory);

    /// <summary>nvmlMemory_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Memory(ulong Total, ulong Free, ulong Used);

    /// <summary>The driver's version and its GPUs; nothing where there is no such library or it fails.</summary>
    public static (string? Version, IReadOnlyList<Gpu> Gpus) Read()
    {
        nint library = 0;
        if (!Names.Any(n => NativeLibrary.TryLoad(n, out library))) return (null, []);
        try
        {
            if (Function<NoArguments>("nvmlInit_v2")() != Success) return (null, []);
            var text = new byte[NameLength];
            var version = Function<TakesText>("nvmlSystemGetDriverVersion")(text, NameLength) == Success ? Text(text) : null;
            var gpus = new List<Gpu>();
            Function<GivesCount>("nvmlDeviceGetCount_v2")(out uint count);
            for (uint i = 0; i < count; i++)
                if (Function<GivesHandle>("nvmlDeviceGetHandleByIndex_v2")(i, out nint device) == Success
                    && Function<GivesName>("nvmlDeviceGetName")(device, text, NameLength) == Success
                    && Function<GivesMemory>("nvmlDeviceGetMemoryInfo")(device, out var memory) == Success)
                    gpus.Add(new Gpu((int)i, Text(text), (long)memory.Total, (long)memory.Free));
            Function<NoArguments>("nvmlShutdown")();
            return (version, gpus);
        }
        catch (EntryPointNotFoundException)
        {
            return (null, []);
        }
        finally
        {
            NativeLibrary.Free(library);
        }

        T Function<T>(string name) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
    }

    static string Text(byte[] zeroTerminated) => Encoding.UTF8.GetString(zeroTerminated.AsSpan(0, Array.IndexOf(zeroTerminated, (byte)0)));
}
