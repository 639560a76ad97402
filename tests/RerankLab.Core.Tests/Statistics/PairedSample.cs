namespace RerankLab.Core.Tests.Statistics;

/// <summary>Differences with known statistics, and random ones.</summary>
static class PairedSample
{
    static readonly double[] Before = [0.61, 0.20, 0.00, 0.43, 1.00, 0.39, 0.15, 0.72, 0.50, 0.63, 0.08, 0.91];
    static readonly double[] After = [0.70, 0.25, 0.10, 0.41, 1.00, 0.50, 0.30, 0.70, 0.65, 0.60, 0.20, 1.00];

    /// <summary>Twelve differences, one of them 0.</summary>
    public static double[] Twelve { get; } = [.. After.Zip(Before, (a, b) => a - b)];

    /// <summary>
    /// Sixty skewed differences: numpy's
    /// <c>[(i*i%17)/17.0*(1 if i%5 else 3) - 0.35*(i%3==0) - 0.4 for i in range(60)]</c>.
    /// </summary>
    public static double[] Skewed { get; } =
        [.. Enumerable.Range(0, 60).Select(i => i * i % 17 / 17.0 * (i % 5 == 0 ? 3 : 1) - (i % 3 == 0 ? 0.35 : 0) - 0.4)];

    /// <summary>Differences without a true one: symmetric around 0.</summary>
    public static double[] Null(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - random.NextDouble())];
}
