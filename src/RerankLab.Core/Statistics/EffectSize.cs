using MathNet.Numerics.Statistics;

namespace RerankLab.Core.Statistics;

/// <summary>How large a difference is beside its spread over queries.</summary>
public static class EffectSize
{
    /// <summary>
    /// Cohen's d of paired differences, d_z (Cohen 1988, "Statistical power analysis for the behavioral sciences", 2.3.5):
    /// their mean over their standard deviation. Null for fewer than two pairs or where all differ alike.
    /// </summary>
    public static double? CohensD(IReadOnlyList<double> differences)
    {
        if (differences.Count < 2) return null;
        var (mean, deviation) = differences.MeanStandardDeviation();
        return deviation == 0 ? null : mean / deviation;
    }
}
