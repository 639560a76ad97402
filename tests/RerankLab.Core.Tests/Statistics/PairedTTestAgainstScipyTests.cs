using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class PairedTTestAgainstScipyTests
{
    [Fact]
    public void It_is_scipys_paired_t_test()
    {
        // scipy 1.10.1: ttest_rel(after, before).pvalue
        Assert.Equal(0.006075049042099024, PairedTTest.PValue(PairedSample.Twelve)!.Value, 1e-12);
        // scipy 1.10.1: ttest_1samp(d, 0).pvalue
        Assert.Equal(0.17954979642697802, PairedTTest.PValue(PairedSample.Skewed)!.Value, 1e-12);
    }
}
