using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class BootstrapIntervalTests
{
    // scipy 1.10.1: bootstrap((d,), np.mean, n_resamples=1000000, method='BCa', random_state=1).confidence_interval
    [Fact]
    public void It_is_scipys_BCa_interval()
    {
        var (low, high) = BootstrapInterval.Of(PairedSample.Skewed)!;
        Assert.Equal(-0.0273, low, 0.006);
        Assert.Equal(0.3251, high, 0.006);
    }

    [Fact]
    public void It_is_scipys_BCa_interval_of_few_values()
    {
        var (low, high) = BootstrapInterval.Of(PairedSample.Twelve)!;
        Assert.Equal(0.0267, low, 0.002);
        Assert.Equal(0.1000, high, 0.002);
    }

    [Fact]
    public void It_mirrors_when_the_runs_are_swapped()
    {
        var (low, high) = BootstrapInterval.Of(PairedSample.Skewed)!;
        var (mirroredLow, mirroredHigh) = BootstrapInterval.Of([.. PairedSample.Skewed.Select(d => -d)])!;
        Assert.Equal(-high, mirroredLow, 1e-9);
        Assert.Equal(-low, mirroredHigh, 1e-9);
    }

    [Fact]
    public void It_holds_the_true_mean_about_as_often_as_it_says()
    {
        var random = new Random(8);
        int held = 0;
        for (int i = 0; i < 400; i++)
        {
            var (low, high) = BootstrapInterval.Of(PairedSample.Null(random, 60), resamples: 1000)!;
            if (low <= 0 && 0 <= high) held++;
        }
        Assert.InRange(held / 400.0, 0.91, 0.98);
    }

    [Fact]
    public void Fewer_than_two_values_have_none_and_equal_values_no_width()
    {
        Assert.Null(BootstrapInterval.Of([]));
        Assert.Null(BootstrapInterval.Of([0.5]));
        Assert.Equal(new BootstrapInterval(0.1, 0.1), BootstrapInterval.Of([0.1, 0.1, 0.1]));
    }

    [Fact]
    public void Ninety_nine_per_cent_is_wider_and_a_seed_repeats()
    {
        var narrow = BootstrapInterval.Of(PairedSample.Skewed)!;
        var wide = BootstrapInterval.Of(PairedSample.Skewed, confidence: 0.99)!;
        Assert.True(wide.Low < narrow.Low && wide.High > narrow.High);
        Assert.Equal(narrow, BootstrapInterval.Of(PairedSample.Skewed));
    }
}
