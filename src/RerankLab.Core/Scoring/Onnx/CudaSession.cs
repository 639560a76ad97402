using Microsoft.ML.OnnxRuntime;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>Sessions of ONNX Runtime on a GPU, by the CUDA provider that is built in or by a plugin.</summary>
static class CudaSession
{
    /// <summary>The name under which a plugin is registered with ONNX Runtime.</summary>
    const string PluginRegistration = "rlab.cuda";

    static readonly Lock PluginLock = new();
    static (string Library, IReadOnlyList<OrtEpDevice> Gpus)? s_plugin;

    /// <summary>True where rlab was built with ONNX Runtime's CUDA provider; whether it can be loaded is another matter.</summary>
    public static bool IsBuiltIn => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    /// <summary>What the provider is told unless the user says otherwise.</summary>
    static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        // TF32 rounds the factors of every product: another score than fp32's.
        ["use_tf32"] = "0",
        // Memory grows by what is asked for, not by powers of two: what is left serves other batches.
        ["arena_extend_strategy"] = "kSameAsRequested",
    };

    /// <summary>Makes sessions with these options run on a GPU.</summary>
    /// <param name="session">The session's options.</param>
    /// <param name="device">The GPU's number.</param>
    /// <param name="wanted">The user's options of the provider, and its library.</param>
    /// <returns>The provider's name.</returns>
    /// <exception cref="OnnxRuntimeException">The provider cannot be loaded, or refuses an option.</exception>
    /// <exception cref="UserError">A plugin offers no such GPU.</exception>
    public static string Use(SessionOptions session, int device, ExecutionSpec wanted)
    {
        var options = new Dictionary<string, string>(Defaults);
        foreach (var (key, value) in wanted.CudaOptions) options[key] = value;
        if (wanted.CudaPlugin is { } plugin) return UsePlugin(session, plugin.FullPath, device, options);
        using var cuda = new OrtCUDAProviderOptions();
        options["device_id"] = $"{device}";
        cuda.UpdateOptions(options);
        session.AppendExecutionProvider_CUDA(cuda);
        return "CUDAExecutionProvider";
    }

    static string UsePlugin(SessionOptions session, string library, int device, Dictionary<string, string> options)
    {
        var environment = OrtEnv.Instance();
        lock (PluginLock)
        {
            s_plugin ??= (library, Register(environment, library));
            var (loaded, gpus) = s_plugin.Value;
            if (loaded != library)
                throw new UserError($"another provider library is loaded already: {loaded}", "one process takes one run.cuda_plugin");
            if (device >= gpus.Count)
                throw new UserError($"{library}: the provider offers {gpus.Count} GPUs; there is no cuda:{device}", "nvidia-smi -L lists them, from 0");
            session.AppendExecutionProvider(environment, [gpus[device]], options);
            return gpus[device].EpName;
        }
    }

    /// <summary>Loads a library; the GPUs that its provider offers.</summary>
    static List<OrtEpDevice> Register(OrtEnv environment, string library)
    {
        var before = environment.GetEpDevices().Select(d => d.EpName).ToHashSet();
        environment.RegisterExecutionProviderLibrary(PluginRegistration, library);
        return [.. environment.GetEpDevices().Where(d => d.HardwareDevice.Type == OrtHardwareDeviceType.GPU && !before.Contains(d.EpName))];
    }
}
