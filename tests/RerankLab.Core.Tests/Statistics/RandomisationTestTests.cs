using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class RandomisationTestTests
{
    [Fact]
    public void Few_differences_are_enumerated_as_scipy_does()
    {
        // scipy 1.10.1: permutation_test((d,), np.mean, permutation_type='samples', n_resamples=np.inf).pvalue = 44 / 4096
        Assert.Equal(0.0107421875, RandomisationTest.PValue(PairedSample.Twelve));
    }

    [Fact]
    public void Many_differences_are_sampled_to_scipys_value()
    {
        // scipy 1.10.1: permutation_test((d,), np.mean, permutation_type='samples', n_resamples=1000000, random_state=1).pvalue
        Assert.Equal(0.18166, RandomisationTest.PValue(PairedSample.Skewed)!.Value, 0.005);
    }

    [Theory]
    [InlineData(new double[] { }, null)]
    [InlineData(new[] { 0.0, 0.0, 0.0 }, 1.0)]
    [InlineData(new[] { 0.5 }, 1.0)]
    [InlineData(new[] { 0.1, 0.2, 0.3 }, 0.25)]
    [InlineData(new[] { 0.1, 0.2, 0.3, 0.0 }, 0.25)]
    [InlineData(new[] { 0.1, 0.2, -0.3 }, 1.0)]
    public void Small_samples_are_as_by_hand(double[] differences, double? expected) =>
        Assert.Equal(expected, RandomisationTest.PValue(differences));

    [Fact]
    public void The_sampled_value_agrees_with_a_drawing_of_signs_one_by_one()
    {
        var random = new Random(5);
        var differences = PairedSample.Null(random, 150).Select(d => d + 0.05).ToArray();
        double observed = Math.Abs(differences.Sum());
        int extreme = 0, draws = 100_000;
        for (int i = 0; i < draws; i++)
            if (Math.Abs(differences.Sum(d => random.Next(2) == 0 ? d : -d)) >= observed) extreme++;

        Assert.Equal((double)extreme / draws, RandomisationTest.PValue(differences)!.Value, 0.008);
    }

    [Fact]
    public void Enumeration_and_sampling_agree_where_one_gives_way_to_the_other()
    {
        var random = new Random(6);
        var twenty = PairedSample.Null(random, RandomisationTest.ExactUpTo).Select(d => d + 0.1).ToArray();
        double exact = RandomisationTest.PValue(twenty)!.Value;
        double sampled = RandomisationTest.PValue([.. twenty, 1e-15])!.Value;

        Assert.NotEqual(exact, sampled);
        Assert.Equal(exact, sampled, 0.008);
    }

    [Fact]
    public void Swapping_the_runs_or_adding_queries_without_difference_changes_nothing()
    {
        foreach (var differences in new[] { PairedSample.Twelve, PairedSample.Skewed })
        {
            double p = RandomisationTest.PValue(differences)!.Value;
            Assert.Equal(p, RandomisationTest.PValue([.. differences, 0, 0, 0])!.Value);
            Assert.Equal(p, RandomisationTest.PValue([.. differences.Select(d => -d)])!.Value, 0.005);
        }
    }

    [Fact]
    public void The_smallest_value_is_one_in_one_more_than_the_resamples()
    {
        var differences = Enumerable.Repeat(1.0, 100).ToArray();
        Assert.Equal(1.0 / 1000, RandomisationTest.PValue(differences, resamples: 999));
    }

    [Fact]
    public void Sums_that_differ_only_by_rounding_count_as_equal()
    {
        // 0.1 + 0.2 - 0.3 is not 0 in floating point; all 2^k signs of such triples have ties with what was observed.
        var differences = Enumerable.Repeat(new[] { 0.1, 0.2, -0.3 }, 6).SelectMany(d => d).ToArray();
        Assert.Equal(1, RandomisationTest.PValue(differences));
    }

    [Fact]
    public void A_seed_gives_the_same_value_each_time_and_another_seed_another()
    {
        Assert.Equal(RandomisationTest.PValue(PairedSample.Skewed, seed: 1), RandomisationTest.PValue(PairedSample.Skewed, seed: 1));
        Assert.NotEqual(RandomisationTest.PValue(PairedSample.Skewed, seed: 1), RandomisationTest.PValue(PairedSample.Skewed, seed: 2));
    }

    [Fact]
    public void Without_a_true_difference_p_is_uniform()
    {
        var random = new Random(7);
        const int tests = 1000;
        var sorted = Enumerable.Range(0, tests)
            .Select(_ => RandomisationTest.PValue(PairedSample.Null(random, 40), resamples: 999)!.Value).Order().ToArray();

        Assert.All(sorted, p => Assert.InRange(p, 0.001, 1));
        // Kolmogorov and Smirnov: 1.63 / sqrt(n) is exceeded once in a hundred seeds.
        double distance = sorted.Select((p, i) => Math.Max(Math.Abs(p - (double)i / tests), Math.Abs(p - (i + 1.0) / tests))).Max();
        Assert.InRange(distance, 0, 1.63 / Math.Sqrt(tests));
    }
}
