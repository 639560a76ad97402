using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using MathNet.Numerics.RootFinding;
using MathNet.Numerics.Statistics;

namespace RerankLab.Core.Statistics;

/// <summary>
/// The smallest true mean difference that a two-sided paired t-test over this many queries, with differences that spread as
/// these do, finds with the power asked for (Cohen 1988; for retrieval Sakai 2018, "Laboratory experiments in information
/// retrieval"). The power is that of the noncentral t distribution, not of its normal approximation.
/// </summary>
public static class DetectableDifference
{
    /// <summary>Null for fewer than two pairs; 0 where all differ alike.</summary>
    public static double? Of(IReadOnlyList<double> differences, double alpha = 0.05, double power = 0.8)
    {
        int n = differences.Count;
        if (n < 2) return null;
        double critical = StudentT.InvCDF(0, 1, n - 1, 1 - alpha / 2);
        // The root lies near the sum of the two quantiles, far below twice that.
        double most = 2 * (critical + StudentT.InvCDF(0, 1, n - 1, power));
        double noncentrality = Brent.FindRoot(d => Power(d, critical, n - 1) - power, 0, most, accuracy: 1e-10);
        return noncentrality * differences.StandardDeviation() / Math.Sqrt(n);
    }

    /// <summary>
    /// The probability that |T| exceeds the critical value, T being (Z + noncentrality) / S with Z standard normal and S the
    /// square root of chi square over its degrees of freedom: integrated over S.
    /// </summary>
    static double Power(double noncentrality, double critical, int freedom)
    {
        double scale = Math.Log(2) + freedom / 2.0 * Math.Log(freedom / 2.0) - SpecialFunctions.GammaLn(freedom / 2.0);
        double spread = 10 / Math.Sqrt(2.0 * freedom);
        return GaussLegendreRule.Integrate(s =>
            Math.Exp(scale + (freedom - 1) * Math.Log(s) - freedom * s * s / 2) *
            (Normal.CDF(0, 1, noncentrality - critical * s) + Normal.CDF(0, 1, -noncentrality - critical * s)),
            Math.Max(0, 1 - spread), 1 + spread, order: 256);
    }
}
