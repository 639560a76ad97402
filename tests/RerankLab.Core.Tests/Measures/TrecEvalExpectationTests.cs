using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

/// <summary>trec_eval's own tests: the files and the output that its Makefile holds against each other.</summary>
public sealed class TrecEvalExpectationTests
{
    [Theory]
    [InlineData("out.test", "results.test", "qrels.test")]
    [InlineData("out.test", "results.test", "qrels.test.with-comments")]
    [InlineData("out.comment.test", "results.comment.test", "qrels.comment.test")]
    [InlineData("out.test.a", "results.test", "qrels.test")]
    [InlineData("out.test.aq", "results.test", "qrels.test")]
    [InlineData("out.test.aqc", "results.trunc", "qrels.test")]
    [InlineData("out.test.aqcM", "results.trunc", "qrels.test", 1, 100)]
    [InlineData("out.test.aql", "results.test", "qrels.rel_level", 2)]
    [InlineData("out.test.meas_params", "results.test", "qrels.test")]
    public void Its_expected_output_is_ours(string output, string run, string qrels, int level = 1, int depth = int.MaxValue)
    {
        var (rankings, judgements) = TrecEval.Read(Shared(run), Shared(qrels));
        RankedList[] cut = [.. rankings.Select(r => r with { Documents = [.. r.Documents.Take(depth)] })];
        TrecEval.MustAgree(File.ReadAllText(Shared(output)), cut, judgements, level, MissingQueries.Zero);
    }

    [Fact]
    public void Judged_is_what_its_unj_leaves()
    {
        var (rankings, judgements) = TrecEval.Read(Shared("results.trunc"), Shared("qrels.test"));
        var evaluation = Evaluation.Of(rankings, judgements, [new JudgedShare(5), new JudgedShare(10), new JudgedShare(20)]);
        var unjudged = File.ReadLines(Shared("out.test.aqc")).Select(l => l.Split('\t'))
            .Where(f => f[0].StartsWith("unj_") && rankings.Any(r => r.Query == f[1])).ToList();
        Assert.Equal(3 * rankings.Count, unjudged.Count);
        foreach (var fields in unjudged)
        {
            int query = evaluation.Queries.ToList().IndexOf(fields[1]), k = int.Parse(fields[0].TrimEnd()["unj_".Length..]);
            double ours = evaluation.Of(new JudgedShare(k))[query];
            Assert.Equal(1 - double.Parse(fields[2]), ours, 0.00005);
        }
    }

    [Fact]
    public void The_first_stage_of_scifact_has_the_known_ndcg()
    {
        var (rankings, judgements) = TrecEval.Read(Repository.Shared("data", "scifact", "run.bi-encoder.top100.trec"),
            Repository.Shared("data", "scifact", "qrels.test.txt"));
        Assert.Equal("0.6401", Evaluation.Of(rankings, judgements, [new NDcg(10)]).Mean(new NDcg(10)).ToString("F4"));
    }

    static string Shared(string name) => Repository.Shared("data", "trec_eval", "test", name);
}
