using RerankLab.Core.Measures;

namespace RerankLab.Core.Tests.Measures;

public sealed class MeasureNameTests
{
    [Theory]
    [InlineData("nDCG@10", "nDCG@10")]
    [InlineData("NDCG@10", "nDCG@10")]
    [InlineData("ndcg_cut_10", "nDCG@10")]
    [InlineData("ndcg", "nDCG")]
    [InlineData("nDCG", "nDCG")]
    [InlineData("RR@10", "RR@10")]
    [InlineData("MRR@10", "RR@10")]
    [InlineData("mrr", "RR")]
    [InlineData("recip_rank", "RR")]
    [InlineData("RR(rel=2)@10", "RR(rel=2)@10")]
    [InlineData(" RR( rel = 2 )@10 ", "RR(rel=2)@10")]
    [InlineData("RR(rel=1)", "RR")]
    [InlineData("AP", "AP")]
    [InlineData("MAP", "AP")]
    [InlineData("map_cut_100", "AP@100")]
    [InlineData("AP(rel=2)@100", "AP(rel=2)@100")]
    [InlineData("P@5", "P@5")]
    [InlineData("P_5", "P@5")]
    [InlineData("Precision@5", "P@5")]
    [InlineData("R@100", "R@100")]
    [InlineData("Recall@100", "R@100")]
    [InlineData("recall_100", "R@100")]
    [InlineData("R(rel=3)@1000", "R(rel=3)@1000")]
    [InlineData("Success@1", "Success@1")]
    [InlineData("success_5", "Success@5")]
    public void Names_of_three_traditions_have_one_canonical_form(string name, string canonical)
    {
        var measure = Measure.Parse(name);
        Assert.Equal(canonical, measure.ToString());
        Assert.Equal(measure, Measure.Parse(canonical));
    }

    [Theory]
    [InlineData("Speed@10")]
    [InlineData("nDCG10")]
    [InlineData("nDCG@ten")]
    [InlineData("nDCG@-1")]
    [InlineData("nDCG@10@20")]
    [InlineData("nDCG@1000000000")]
    [InlineData("ＡＰ")]
    [InlineData("")]
    public void Other_names_are_refused_with_those_there_are(string name) =>
        Assert.Equal($"unknown measure '{name}'; there are nDCG@10, RR@10, AP@100, P@10, R@100, Success@1, Rprec, Bpref, Judged@10, " +
            "RBP(p=0.8), ERR@20, SetP, SetR, SetF, NumRet, NumRel, NumRelRet", Assert.Throws<FormatException>(() => Measure.Parse(name)).Message);

    [Theory]
    [InlineData("P", "'P' needs a cut-off of at least 1, as in P@10")]
    [InlineData("recall", "'recall' needs a cut-off of at least 1, as in R@100")]
    [InlineData("Success(rel=2)", "'Success(rel=2)' needs a cut-off of at least 1, as in Success@1")]
    [InlineData("nDCG@0", "'nDCG@0' needs a cut-off of at least 1, as in nDCG@10")]
    public void A_name_that_lacks_or_has_too_much_says_what(string name, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Measure.Parse(name)).Message);
}
