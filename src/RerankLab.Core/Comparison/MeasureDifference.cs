using RerankLab.Core.Measures;

namespace RerankLab.Core.Comparison;

/// <summary>How a measure moved between two runs.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Baseline">Mean of the baseline.</param>
/// <param name="Run">Mean of the other run.</param>
/// <param name="ByQuery">The other run's value less the baseline's, by query of the qrels.</param>
/// <param name="Significance">Null where there are reservations.</param>
public sealed record MeasureDifference(
    Measure Measure, double Baseline, double Run, IReadOnlyList<double> ByQuery, Significance? Significance = null)
{
    /// <summary>Differences smaller than this come from the order of additions.</summary>
    internal const double Tie = 1e-9;

    public double Difference => Run - Baseline;

    /// <summary>The difference as a share of the baseline; null where that is 0.</summary>
    public double? Relative => Baseline == 0 ? null : Difference / Baseline;

    /// <summary>Queries on which the other run is better.</summary>
    public int Wins => ByQuery.Count(d => d > Tie);

    /// <summary>Queries on which both are equal, to 1e-9.</summary>
    public int Ties => ByQuery.Count(d => Math.Abs(d) <= Tie);

    /// <summary>Queries on which the other run is worse.</summary>
    public int Losses => ByQuery.Count(d => d < -Tie);
}
