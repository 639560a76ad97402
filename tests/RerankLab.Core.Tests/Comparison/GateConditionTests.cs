using RerankLab.Core.Comparison;

namespace RerankLab.Core.Tests.Comparison;

public class GateConditionTests
{
    [Theory]
    [InlineData("nDCG@10 < -0.005", -0.006, true)]
    [InlineData("nDCG@10 < -0.005", -0.005, false)]
    [InlineData("nDCG@10 <= -0.005", -0.005, true)]
    [InlineData("  ndcg_cut_10<-5e-3 ", -0.006, true)]
    [InlineData("AP(rel=2)@100 > .01", 0.02, true)]
    [InlineData("AP(rel=2) >=+1", 1, true)]
    [InlineData("RR>0", 0, false)]
    public void A_condition_is_met_or_not(string text, double difference, bool met) =>
        Assert.Equal(met, GateCondition.Parse(text).IsMetBy(difference));

    [Theory]
    [InlineData("")]
    [InlineData("nDCG@10")]
    [InlineData("nDCG@10 < ")]
    [InlineData("< -0.005")]
    [InlineData("nDCG@10 = 0")]
    [InlineData("nDCG@10 <> 0")]
    [InlineData("nDCG@10 =< 0")]
    [InlineData("nDCG@10 < 0,005")]
    [InlineData("nDCG@10 < -0.5%")]
    [InlineData("nDCG@10 < NaN")]
    [InlineData("nDCG@10 < 0 < 1")]
    [InlineData("Nonsense@10 < 0")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => GateCondition.Parse(text));

    [Fact]
    public void It_is_shown_in_canonical_form() =>
        Assert.Equal("nDCG@10 <= -0.005", GateCondition.Parse("NDCG@10<=-.005").ToString());
}
