using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class EffectAndPowerTests
{
    [Fact]
    public void Cohens_d_is_the_mean_over_the_deviation()
    {
        // numpy: d.mean() / d.std(ddof=1)
        Assert.Equal(0.9775256945431202, EffectSize.CohensD(PairedSample.Twelve)!.Value, 1e-12);
    }

    [Fact]
    public void Cohens_d_is_not_said_of_differences_without_spread()
    {
        Assert.Null(EffectSize.CohensD([0.3]));
        Assert.Null(EffectSize.CohensD([0.3, 0.3]));
    }

    // scipy 1.10.1, for differences of deviation 1:
    //   t = stats.t.ppf(0.975, n - 1)
    //   optimize.brentq(lambda nc: nct.sf(t, n - 1, nc) + nct.cdf(-t, n - 1, nc) - 0.8, 0, 40) / np.sqrt(n)
    [Theory]
    [InlineData(2, 11.549888436114774)]
    [InlineData(3, 3.2640435498141964)]
    [InlineData(5, 1.6819969659555574)]
    [InlineData(12, 0.88865426529085)]
    [InlineData(50, 0.40418300175831456)]
    [InlineData(300, 0.16227123648593547)]
    [InlineData(7000, 0.03348990257407837)]
    public void The_detectable_difference_is_that_of_the_noncentral_t(int queries, double expected)
    {
        Assert.Equal(expected, DetectableDifference.Of(OfDeviationOne(queries))!.Value, expected * 1e-6);
    }

    [Fact]
    public void The_detectable_difference_grows_with_the_spread_and_with_the_power()
    {
        var differences = PairedSample.Skewed;
        double usual = DetectableDifference.Of(differences)!.Value;
        Assert.Equal(3 * usual, DetectableDifference.Of([.. differences.Select(d => 3 * d)])!.Value, 1e-9);
        Assert.True(DetectableDifference.Of(differences, power: 0.95) > usual);
        Assert.True(DetectableDifference.Of(differences, alpha: 0.01) > usual);
    }

    [Fact]
    public void A_paired_t_test_finds_the_detectable_difference_four_times_in_five()
    {
        var random = new Random(9);
        const int queries = 25, trials = 4000;
        double difference = DetectableDifference.Of(OfDeviationOne(queries))!.Value;
        int found = Enumerable.Range(0, trials).Count(_ =>
            PairedTTest.PValue([.. Enumerable.Range(0, queries).Select(_ => difference + Normal(random))]) < 0.05);
        Assert.Equal(0.8, (double)found / trials, 0.02);
    }

    [Fact]
    public void Nothing_is_detectable_with_one_query()
    {
        Assert.Null(DetectableDifference.Of([0.2]));
        Assert.Equal(0, DetectableDifference.Of([0.2, 0.2, 0.2]));
    }

    static double[] OfDeviationOne(int count)
    {
        var values = Enumerable.Range(0, count).Select(i => i % 7 - (double)i / count).ToArray();
        double mean = values.Average(), deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (count - 1));
        return [.. values.Select(v => v / deviation)];
    }

    /// <summary>Box and Muller's normal deviate.</summary>
    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
