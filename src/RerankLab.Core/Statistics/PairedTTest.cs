using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace RerankLab.Core.Statistics;

/// <summary>Student's paired t-test, two-sided (as scipy.stats.ttest_rel 1.x).</summary>
public static class PairedTTest
{
    /// <summary>
    /// The probability of a mean difference at least this far from 0 if there were none; null for fewer than two pairs.
    /// Differences that are all equal give 1 where they are 0 and 0 where they are not.
    /// </summary>
    public static double? PValue(IReadOnlyList<double> differences)
    {
        if (differences.Count < 2) return null;
        var (mean, deviation) = differences.MeanStandardDeviation();
        if (deviation == 0) return mean == 0 ? 1 : 0;
        double t = mean / (deviation / Math.Sqrt(differences.Count));
        return 2 * StudentT.CDF(0, 1, differences.Count - 1, -Math.Abs(t));
    }
}
