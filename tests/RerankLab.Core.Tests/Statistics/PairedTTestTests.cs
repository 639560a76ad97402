using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public sealed class PairedTTestTests
{
    /// <summary>From scipy 1.10.1: <c>stats.ttest_1samp(differences, 0).pvalue</c>, which is what ttest_rel computes.</summary>
    [Theory]
    [InlineData(new[] { 0.1, -0.2, 0.3, 0.05, 0.0 }, 0.5687284486490818)]
    [InlineData(new[] { 1.0, 2.0 }, 0.20483276469913345)]
    [InlineData(new[] { 0.5, 0.5, 0.25, -0.1, 0.3, 0.2, 0.7, -0.05 }, 0.02156413870826827)]
    [InlineData(new[] { 0.3, -0.3, 0.1, -0.1 }, 1.0)]
    public void P_values_are_scipys(double[] differences, double p) =>
        Assert.Equal(p, PairedTTest.PValue(differences)!.Value, 12);

    [Fact]
    public void Small_p_values_keep_their_digits()
    {
        double p = PairedTTest.PValue([.. Enumerable.Range(1, 40).Select(i => 1e-3 * i)])!.Value;
        Assert.Equal(1, p / 1.259931145148258e-13, 8);
    }

    [Fact]
    public void Equal_differences_are_certain_one_way_or_the_other()
    {
        Assert.Equal(1, PairedTTest.PValue([0, 0, 0]));
        Assert.Equal(0, PairedTTest.PValue([0.1, 0.1, 0.1]));
    }

    [Fact]
    public void Fewer_than_two_pairs_say_nothing()
    {
        Assert.Null(PairedTTest.PValue([]));
        Assert.Null(PairedTTest.PValue([1]));
    }
}
