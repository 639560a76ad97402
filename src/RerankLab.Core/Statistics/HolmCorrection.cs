namespace RerankLab.Core.Statistics;

/// <summary>
/// Holm's step-down correction for many tests (Holm 1979, "A simple sequentially rejective multiple test procedure"): the
/// chance that any of the adjusted p-values falls below alpha without a difference is at most alpha.
/// </summary>
public static class HolmCorrection
{
    /// <summary>Adjusted p-values, parallel to the p-values of all tests made.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        var adjusted = new double[pValues.Count];
        double largest = 0;
        int left = pValues.Count;
        foreach (var test in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
            adjusted[test] = largest = Math.Max(largest, Math.Min(1, pValues[test] * left--));
        return adjusted;
    }
}
