using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class HolmCorrectionTests
{
    [Fact]
    public void It_is_as_by_hand()
    {
        // Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04, the last raised to 0.06.
        double[] expected = [0.03, 0.06, 0.06, 0.02];
        var adjusted = HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]);
        Assert.All(adjusted.Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-15));
    }

    [Fact]
    public void One_test_needs_no_correction_and_none_has_none()
    {
        Assert.Equal([0.04], HolmCorrection.Adjust([0.04]));
        Assert.Empty(HolmCorrection.Adjust([]));
    }

    [Fact]
    public void Adjusted_values_keep_the_order_and_lie_between_the_value_and_Bonferronis()
    {
        var random = new Random(10);
        for (int round = 0; round < 200; round++)
        {
            var p = Enumerable.Range(0, random.Next(1, 30)).Select(_ => Math.Round(Math.Pow(random.NextDouble(), 3), 2)).ToArray();
            var adjusted = HolmCorrection.Adjust(p);
            for (int i = 0; i < p.Length; i++)
            {
                Assert.InRange(adjusted[i], p[i], Math.Min(1, p[i] * p.Length));
                for (int j = 0; j < p.Length; j++)
                    if (p[i] <= p[j]) Assert.True(adjusted[i] <= adjusted[j]);
            }
        }
    }
}
