using RerankLab.Core.Datasets;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>On what, and how, a model is to run. None of it is part of the scorer: it is recorded with the session.</summary>
/// <param name="Device">Where.</param>
/// <param name="Threads">Cores that a model on the CPU uses; null for all.</param>
/// <param name="InFlight">Batches at the same time; null for what suits the device.</param>
public sealed record ExecutionSpec(ExecutionDevice Device, int? Threads = null, int? InFlight = null)
{
    /// <summary>Options of ONNX Runtime's CUDA provider by its own keys, which win over ours.</summary>
    public IReadOnlyDictionary<string, string> CudaOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>The library of a CUDA provider that is loaded at run time; null for the one that rlab was built with.</summary>
    public DataFile? CudaPlugin { get; init; }
}
