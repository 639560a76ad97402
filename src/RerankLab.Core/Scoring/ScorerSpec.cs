using RerankLab.Core.Datasets;
using RerankLab.Core.Hub;

namespace RerankLab.Core.Scoring;

/// <summary>What the <c>scorer:</c> section asks for.</summary>
/// <param name="Model">The model folder, as written and in full.</param>
/// <param name="Precision">Which variant of the graph: <c>fp32</c>, <c>fp16</c>, <c>int8</c>, …</param>
/// <param name="MaxLength">Tokens a pair, special ones included; null for the model's own limit.</param>
/// <param name="Truncation">How longer pairs are cut.</param>
/// <param name="Fingerprint">A prefix that the scorer's fingerprint must have; null to accept any.</param>
public sealed record ScorerSpec(DataFile Model, string Precision, int? MaxLength, Truncation Truncation, string? Fingerprint)
{
    /// <summary>The shortest pair that is worth scoring: a model's special tokens and a few more.</summary>
    public const int LeastMaxLength = 8;

    /// <summary>The model of the hub that was named; null where it is a folder.</summary>
    public HubModelId? HubModel { get; init; }

    /// <summary>
    /// The name of scores that were imported: then there is no model, and what else is here means nothing. Null for a model.
    /// </summary>
    public string? Declared { get; init; }

    /// <summary>The last name of the model folder or of the hub's model: its scorers are found by it when the model is absent.</summary>
    public string Name => Declared ?? HubModel?.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Model.FullPath));
}
