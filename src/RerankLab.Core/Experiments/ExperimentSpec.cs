using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Experiments;

/// <summary>What an experiment file asks for.</summary>
public sealed record ExperimentSpec
{
    /// <summary>The experiment file itself.</summary>
    public required DataFile File { get; init; }

    /// <summary>
    /// For a job: the experiment file's path relative to the lab file that it was packed from; <see cref="File"/> is the job file then.
    /// </summary>
    public string? PackedPath { get; init; }

    /// <summary>The experiment file's text as written.</summary>
    public required string Text { get; init; }

    /// <summary>What <c>--set</c> changed, as given.</summary>
    public required IReadOnlyList<string> Overrides { get; init; }

    public required string Name { get; init; }
    public required DatasetSpec Dataset { get; init; }
    public required ScorerSpec Scorer { get; init; }
    public required Activation Activation { get; init; }
    public required IReadOnlyList<Measure> Measures { get; init; }
    public required CostRate? Cost { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The lab file that the experiment names, in full; null where it names none.</summary>
    public required string? Lab { get; init; }

    /// <summary>On what, and how, the model is to run.</summary>
    public required ExecutionSpec Execution { get; init; }

    /// <summary>The limits of a batch.</summary>
    public required ScoringOptions Batching { get; init; }
}

/// <summary>What an hour of the machine costs.</summary>
public sealed record CostRate(double PricePerHour, string Currency)
{
    public double Of(TimeSpan time) => time.TotalHours * PricePerHour;
}
