using RerankLab.Core.Statistics;

namespace RerankLab.Core.Comparison;

/// <summary>Whether a measure's difference is chance.</summary>
/// <param name="P">Of the paired randomisation test.</param>
/// <param name="TTestP">Of the paired t-test; null for fewer than two queries.</param>
/// <param name="AdjustedP">The randomisation test's, corrected after Holm for all comparisons made together.</param>
/// <param name="Interval">95 % bootstrap interval of the mean difference; null for fewer than two queries.</param>
/// <param name="EffectSize">Cohen's d; null where the differences do not spread.</param>
/// <param name="Detectable">The smallest difference that this many queries show four times in five; null for fewer than two.</param>
public sealed record Significance(
    double P, double? TTestP, double AdjustedP, BootstrapInterval? Interval, double? EffectSize, double? Detectable)
{
    /// <summary>An adjusted p-value below this is called significant.</summary>
    public const double Alpha = 0.05;

    public bool IsSignificant => AdjustedP < Alpha;

    /// <summary>Tests differences by query, computed on all cores and corrected together.</summary>
    public static IReadOnlyList<Significance> Of(IReadOnlyList<IReadOnlyList<double>> comparisons)
    {
        var tested = new Significance[comparisons.Count];
        Parallel.For(0, tested.Length, i => tested[i] = Of(comparisons[i]));
        var adjusted = HolmCorrection.Adjust([.. tested.Select(t => t.P)]);
        return [.. tested.Select((t, i) => t with { AdjustedP = adjusted[i] })];
    }

    /// <summary>The randomisation test's p-values alone, corrected together.</summary>
    public static IReadOnlyList<double> AdjustedPValues(IReadOnlyList<IReadOnlyList<double>> comparisons)
    {
        var p = new double[comparisons.Count];
        Parallel.For(0, p.Length, i => p[i] = RandomisationTest.PValue(comparisons[i]) ?? 1);
        return HolmCorrection.Adjust(p);
    }

    static Significance Of(IReadOnlyList<double> differences)
    {
        double p = RandomisationTest.PValue(differences) ?? 1;
        return new Significance(p, PairedTTest.PValue(differences), p, BootstrapInterval.Of(differences),
            Statistics.EffectSize.CohensD(differences), DetectableDifference.Of(differences));
    }
}
