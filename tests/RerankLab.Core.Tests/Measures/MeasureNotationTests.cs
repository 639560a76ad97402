using RerankLab.Core.Measures;

namespace RerankLab.Core.Tests.Measures;

public sealed class MeasureNotationTests
{
    [Theory]
    [InlineData("ndcg", "nDCG")]
    [InlineData("ndcg_cut_10", "nDCG@10")]
    [InlineData("ndcg_cut.10", "nDCG@10")]
    [InlineData("nDCG(dcg=\"exp-log2\")@5", "nDCG(dcg='exp-log2')@5")]
    [InlineData("nDCG(dcg='log2')@5", "nDCG@5")]
    [InlineData("map", "AP")]
    [InlineData("map_cut_100", "AP@100")]
    [InlineData("MAP( rel = 2 )@100", "AP(rel=2)@100")]
    [InlineData("recip_rank", "RR")]
    [InlineData("MRR@10", "RR@10")]
    [InlineData("P.5", "P@5")]
    [InlineData("recall_1000", "R@1000")]
    [InlineData("success_1", "Success@1")]
    [InlineData("Rprec(rel=1)", "Rprec")]
    [InlineData("bpref", "Bpref")]
    [InlineData("RBP", "RBP")]
    [InlineData("RBP(p=0.8)", "RBP")]
    [InlineData("rbp", "RBP(p=0.9)")]
    [InlineData("rbp(p=0.8)", "RBP")]
    [InlineData("RBP(rel=1,p=0.95)@20", "RBP(p=0.95,rel=1)@20")]
    [InlineData("set_P", "SetP")]
    [InlineData("set_recall", "SetR")]
    [InlineData("set_F", "SetF")]
    [InlineData("SetF(beta=2,rel=2)", "SetF(rel=2,beta=2.0)")]
    [InlineData("num_ret", "NumRet")]
    [InlineData("num_rel", "NumRel")]
    [InlineData("num_rel_ret", "NumRelRet")]
    [InlineData("NumRet(rel=1)", "NumRelRet")]
    public void A_name_of_another_tool_is_the_measure_of_that_tool(string name, string canonical) =>
        Assert.Equal(canonical, Measure.Parse(name).ToString());

    [Theory]
    [InlineData("P", "'P' needs a cut-off of at least 1, as in P@10")]
    [InlineData("P@0", "'P@0' needs a cut-off of at least 1, as in P@10")]
    [InlineData("Bpref@5", "'Bpref@5': Bpref takes no cut-off")]
    [InlineData("nDCG(rel=2)@5", "'nDCG(rel=2)@5': nDCG@10 takes dcg, found rel")]
    [InlineData("Judged(rel=2)@5", "'Judged(rel=2)@5': Judged@10 takes no parameters, found rel")]
    [InlineData("RBP(q=2)", "'RBP(q=2)': RBP(p=0.8) takes p and rel, found q")]
    [InlineData("RBP(p=1)", "'RBP(p=1)': p must be a number between 0 and 1, found '1'")]
    [InlineData("RBP(p=0,8)", "'RBP(p=0,8)': expected name=value between the brackets, found '8'")]
    [InlineData("SetF(beta=NaN)", "'SetF(beta=NaN)': beta must be a number of 0 or more, found 'NaN'")]
    [InlineData("AP(rel=-1)", "'AP(rel=-1)': rel must be a label of 0 or more, found '-1'")]
    [InlineData("AP(rel=x)", "'AP(rel=x)': rel must be a label of 0 or more, found 'x'")]
    [InlineData("AP(cutoff=3)", "'AP(cutoff=3)': AP@100 takes rel, found cutoff")]
    [InlineData("AP(rel=1,rel=2)", "'AP(rel=1,rel=2)': rel is given twice")]
    [InlineData("nDCG(dcg='exp')", "'nDCG(dcg='exp')': dcg must be 'log2' or 'exp-log2', found 'exp'")]
    public void What_a_measure_does_not_take_is_refused_in_words(string name, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => Measure.Parse(name)).Message);

    [Fact]
    public void Every_measure_reads_its_own_name()
    {
        var random = new Random(7);
        int? Cutoff() => random.Next(3) == 0 ? null : random.Next(1, 10_000);
        for (int round = 0; round < 500; round++)
        {
            int k = random.Next(1, 10_000), rel = random.Next(0, 6);
            Measure[] measures =
            [
                new NDcg(Cutoff(), random.Next(2) == 0), new ReciprocalRank(Cutoff(), rel),
                new AveragePrecision(Cutoff(), rel),
                new Precision(k, rel), new Recall(k, rel), new Success(k, rel), new RPrecision(rel),
                new BinaryPreference(rel), new JudgedShare(k),
                new RankBiasedPrecision(Cutoff(), random.Next(1, 10) / 10.0, random.Next(2) == 0 ? null : rel),
                new RankBiasedPrecision(Cutoff(), 1 - random.NextDouble(), rel), new ExpectedReciprocalRank(Cutoff()),
                new SetPrecision(rel), new SetRecall(rel), new SetF(rel, random.Next(0, 4)),
                new SetF(rel, random.NextDouble() * Math.Pow(10, random.Next(-9, 9))),
                new RetrievedCount(), new RelevantCount(rel), new RelevantRetrievedCount(rel),
            ];
            Assert.All(measures, m => Assert.Equal(m, Measure.Parse(m.ToString())));
        }
    }

    [Fact]
    public void Every_family_is_among_the_samples_of_these_tests() =>
        Assert.Equal(
            typeof(Measure).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Measure)) && !t.IsAbstract)
                .Select(t => t.Name).Order(),
            MeasureSamples.All.Select(m => m.GetType().Name).Distinct().Order());
}
