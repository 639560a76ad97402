using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

public sealed class EvaluationTests
{
    static RankedList Ranking(string query, params string[] documents) =>
        new(query, [.. documents.Select((d, i) => new RankedDocument(d, -i))]);

    static Qrels Judged(params string[] labels)
    {
        var qrels = new Qrels();
        foreach (var f in labels.Select(l => l.Split(' '))) qrels.Add(f[0], f[1], int.Parse(f[2]));
        return qrels;
    }

    [Fact]
    public void A_query_without_results_counts_zero()
    {
        var evaluation = Evaluation.Of([Ranking("q1", "a"), Ranking("q3"), Ranking("q9", "a")],
            Judged("q1 a 1", "q2 a 1", "q3 a 1", "q4 a 1"), [new ReciprocalRank(null, 1)]);
        Assert.Equal(["q1", "q2", "q3", "q4"], evaluation.Queries);
        Assert.Equal([1, 0, 0, 0], evaluation.Of(new ReciprocalRank(null, 1)));
        Assert.Equal(0.25, evaluation.Mean(new ReciprocalRank(null, 1)));
        Assert.Equal((4, 3, 1), (evaluation.Coverage.Queries, evaluation.Coverage.WithoutResults,
            evaluation.Coverage.WithoutQrels));
    }

    [Fact]
    public void Measures_are_kept_in_order_and_each_once()
    {
        var evaluation = Evaluation.Of([], Judged("q a 1"), [.. new[] { "AP", "nDCG@5", "map" }.Select(Measure.Parse)]);
        Assert.Equal(["AP", "nDCG@5"], evaluation.Measures.Select(m => m.ToString()));
    }

    [Fact]
    public void The_unjudged_share_is_taken_at_the_first_cutoff()
    {
        var qrels = Judged("q1 a 1", "q1 b 0", "q2 a 1");
        RankedList[] rankings = [Ranking("q1", "a", "x", "b", "y"), Ranking("q2", "z"), Ranking("q9", "x", "y", "z")];
        var at3 = Evaluation.Of(rankings, qrels, [new ReciprocalRank(null, 1), new NDcg(3),
            new Precision(1, 1)]).Coverage;
        Assert.Equal((3, 2.0 / 4), (at3.JudgedCutoff, at3.UnjudgedShare));
        var at10 = Evaluation.Of(rankings, qrels, [new ReciprocalRank(null, 1)]).Coverage;
        Assert.Equal((10, 3.0 / 5), (at10.JudgedCutoff, at10.UnjudgedShare));
        Assert.Equal(0, Evaluation.Of([], qrels, [new NDcg(3)]).Coverage.UnjudgedShare);
    }

    [Fact]
    public void Without_judgements_a_mean_is_zero() =>
        Assert.Equal(0, Evaluation.Of([Ranking("q", "a")], new Qrels(), [new NDcg(3)]).Mean(new NDcg(3)));
}
