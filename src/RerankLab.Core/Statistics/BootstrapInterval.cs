using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace RerankLab.Core.Statistics;

/// <summary>
/// A confidence interval of a mean, from means over queries drawn with replacement: the bias-corrected and accelerated
/// one (BCa; Efron 1987, "Better bootstrap confidence intervals"), because differences between runs are skewed (most are
/// 0, few are large) and the plain percentile interval takes no notice of that.
/// </summary>
public sealed record BootstrapInterval(double Low, double High)
{
    public const int DefaultResamples = 10_000;

    /// <summary>
    /// The interval of the mean of these values; null for fewer than two, the value itself where all are equal.
    /// </summary>
    public static BootstrapInterval? Of(IReadOnlyList<double> values, double confidence = 0.95,
        ulong seed = SplitMix64.DefaultSeed, int resamples = DefaultResamples)
    {
        if (values.Count < 2) return null;
        var sample = values.ToArray();
        double mean = sample.Mean();
        if (Array.TrueForAll(sample, v => v == sample[0])) return new BootstrapInterval(sample[0], sample[0]);

        var means = Means(sample, seed, resamples);
        double bias = Normal.InvCDF(0, 1, (means.Count(m => m < mean) + 0.5 * means.Count(m => m == mean)) / resamples);
        double squares = sample.Sum(v => (v - mean) * (v - mean)), cubes = sample.Sum(v => Math.Pow(v - mean, 3));
        double acceleration = cubes / (6 * Math.Pow(squares, 1.5));
        return new BootstrapInterval(Bound((1 - confidence) / 2), Bound((1 + confidence) / 2));

        double Bound(double probability)
        {
            double z = bias + Normal.InvCDF(0, 1, probability);
            double corrected = Normal.CDF(0, 1, bias + z / (1 - acceleration * z));
            return SortedArrayStatistics.QuantileCustom(means, corrected, QuantileDefinition.R7);
        }
    }

    /// <summary>The means of the resamples, sorted.</summary>
    static double[] Means(double[] sample, ulong seed, int resamples)
    {
        var means = new double[resamples];
        for (int r = 0; r < resamples; r++)
        {
            var stream = SplitMix64.Stream(seed, r);
            double even = 0, odd = 0;
            for (int i = 0; i + 1 < sample.Length; i += 2)
            {
                ulong number = stream.Next();
                even += sample[Index((uint)number)];
                odd += sample[Index((uint)(number >> 32))];
            }
            if (sample.Length % 2 == 1) even += sample[Index((uint)stream.Next())];
            means[r] = (even + odd) / sample.Length;
        }
        Array.Sort(means);
        return means;

        // Of 32 bits: no index is favoured by more than a few millionths.
        int Index(uint number) => (int)((ulong)number * (ulong)sample.Length >> 32);
    }
}
