using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

public sealed class TieTests
{
    [Fact]
    public void Worst_expected_and_best_are_those_of_all_orders_of_tied_documents()
    {
        var random = new Random(20);
        for (int round = 0; round < 300; round++)
        {
            double score = 0;
            var documents = Enumerable.Range(0, random.Next(1, 8)).Select(_ =>
            {
                if (random.Next(3) == 0) score--;
                return (Score: score, Label: random.Next(4) == 0 ? null : (int?)random.Next(-1, 4));
            }).ToList();
            int[] notRetrieved = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(-1, 5))];
            var ranking = MeasureSamples.Tied(documents, notRetrieved);
            var orders = Orders(documents).Select(labels => MeasureSamples.Ranked(labels, notRetrieved)).ToList();

            foreach (var measure in MeasureSamples.All)
            {
                var values = orders.Select(measure.Of).ToList();
                Assert.Equal(values.Average(), measure.Expected(ranking), 1e-12);
                Assert.Equal(values.Max(), measure.Of(ranking.Best), 1e-15);
                Assert.Equal(values.Min(), measure.Of(ranking.Worst), 1e-15);
                if (!ranking.HasTies(measure.Cutoff)) Assert.Equal(measure.Of(ranking.Worst), measure.Of(ranking.Best));
            }
        }
    }

    [Fact]
    public void Large_groups_of_ties_neither_overflow_nor_lose_digits()
    {
        // 2,000 tied documents, 20 of them relevant: each rank is relevant with the chance 1/100.
        var ranking = MeasureSamples.Tied([.. Enumerable.Range(0, 2000).Select(i => (1.0, (int?)(i % 100 == 0 ? 1 : 0)))]);
        Assert.Equal(0.01, Measure.Parse("P@10").Expected(ranking), 1e-14);
        Assert.Equal(0.5, Measure.Parse("R@1000").Expected(ranking), 1e-12);
        double none = Enumerable.Range(0, 10).Aggregate(1.0, (none, i) => none * (1980 - i) / (2000 - i));
        Assert.Equal(1 - none, Measure.Parse("Success@10").Expected(ranking), 1e-13);
        var err = Measure.Parse("ERR");
        Assert.InRange(err.Expected(ranking), err.Of(ranking.Worst), err.Of(ranking.Best));
        Assert.InRange(Measure.Parse("RR").Expected(ranking), 1 / 1981.0, 1);
    }

    [Fact]
    public void Scores_that_differ_in_the_last_digit_are_no_tie()
    {
        var ranking = MeasureSamples.Tied([(0.1 + 0.2, 0), (0.3, 1)]);
        Assert.False(ranking.HasTies(null));
        Assert.Equal(0.5, Measure.Parse("RR").Expected(ranking));
    }

    [Fact]
    public void An_evaluation_says_for_how_many_queries_ties_matter_and_how_much()
    {
        var qrels = new Qrels();
        qrels.Add("above", "a", 1);
        qrels.Add("across", "a", 1);
        qrels.Add("below", "a", 1);
        qrels.Add("equal", "a", 1);
        qrels.Add("equal", "b", 1);
        var evaluation = Evaluation.Of(
        [
            List("above", ("a", 2), ("x", 1), ("y", 1)),
            List("across", ("x", 2), ("b", 1), ("a", 1)),
            List("below", ("x", 3), ("y", 2), ("a", 1), ("b", 1)),
            List("equal", ("b", 1), ("a", 1)),
        ], qrels, [Measure.Parse("P@2"), Measure.Parse("RR")]);

        Assert.Equal(2, evaluation.Coverage.ChangedByTies);
        var (p, rr) = (evaluation.Measures[0], evaluation.Measures[1]);
        Assert.Equal((1, 2), (evaluation.ChangedByTies(p), evaluation.ChangedByTies(rr)));
        Assert.Equal(new TieRange(0, 0.25, 0.5), evaluation.Ties(p, 1));
        Assert.Equal(new TieRange(0.5, 0.5, 0.5), evaluation.Ties(p, 0));
        Assert.Equal(new TieRange((0.5 + 0 + 0 + 1) / 4, (0.5 + 0.25 + 0 + 1) / 4, (0.5 + 0.5 + 0 + 1) / 4), evaluation.OverallTies(p));
        Assert.Equal(new TieRange(1 / 4.0, (1 / 3.0 + 1 / 4.0) / 2, 1 / 3.0), evaluation.Ties(rr, 2));
    }

    [Theory]
    [InlineData(TieRule.DocIdDescending, "\U0001F642 \uFF10 b a")]
    [InlineData(TieRule.DocIdAscending, "a b \uFF10 \U0001F642")]
    [InlineData(TieRule.Input, "b \uFF10 \U0001F642 a")]
    public void The_rule_orders_equal_scores_of_run_files_and_of_logits_alike(TieRule rule, string order)
    {
        string[] ids = ["last", "b", "\uFF10", "\U0001F642", "a", "first"];
        double[] scores = [0, 1, 1, 1, 1, 2];
        var expected = $"first {order} last";

        using var folder = new TemporaryFolder();
        var problems = new Problems();
        var file = folder.File("run.trec", string.Concat(ids.Zip(scores, (id, score) => $"q Q0 {id} 0 {score} t\n")));
        var run = TrecRun.Read(file, problems, rule);
        Assert.Empty(problems.Shown());
        Assert.Equal(expected, string.Join(' ', RankedList.AllOf(run).Single().Documents.Select(d => d.Id)));

        var candidates = new CandidateQuery("q", [.. ids], null);
        var byLogit = RankedList.ByScore(candidates, [.. scores.Select(s => (float)s)], ids.Length, rule);
        Assert.Equal(expected, string.Join(' ', byLogit.Documents.Select(d => d.Id)));
        Assert.Equal([new TieGroup(1, 5)], byLogit.Ties());
    }

    static RankedList List(string query, params (string Id, double Score)[] documents) =>
        new(query, [.. documents.Select(d => new RankedDocument(d.Id, d.Score))]);

    /// <summary>The labels in every order that the scores allow.</summary>
    static IEnumerable<int?[]> Orders(List<(double Score, int? Label)> documents) =>
        documents.GroupBy(d => d.Score).Aggregate((IEnumerable<int?[]>)[[]],
            (heads, group) => heads.SelectMany(head =>
                Permutations([.. group.Select(d => d.Label)]).Select(tail => (int?[])[.. head, .. tail])));

    static IEnumerable<int?[]> Permutations(int?[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (int?[])[item, .. rest]));
}
