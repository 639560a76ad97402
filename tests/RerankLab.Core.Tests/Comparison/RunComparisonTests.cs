using RerankLab.Core.Comparison;
using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;
using RerankLab.Core.Statistics;
using RerankLab.Core.Tests.Runs;

namespace RerankLab.Core.Tests.Comparison;

public sealed class RunComparisonTests
{
    static readonly Measure RR = new ReciprocalRank(null, 1);

    /// <summary>An evaluation of queries q0, q1… whose relevant document stands at these ranks; 0 where there are no results.</summary>
    static Evaluation At(params int[] ranks)
    {
        var qrels = new Qrels();
        for (int q = 0; q < ranks.Length; q++) qrels.Add($"q{q}", "good", 1);
        return Evaluation.Of(ranks.Select((rank, q) => new RankedList($"q{q}",
            [.. Enumerable.Range(1, rank).Select(r => new RankedDocument(r == rank ? "good" : $"bad{r}", -r))])),
                qrels, [RR, new Precision(1, 1)]);
    }

    [Fact]
    public void A_difference_counts_wins_ties_and_losses()
    {
        var difference = MeasureDifference.Of(RR, At(1, 2, 2, 4), At(1, 1, 4, 2), test: true);
        Assert.Equal((2, 1, 1), (difference.Wins, difference.Ties, difference.Losses));
        Assert.Equal((0.5625, 0.6875, 0.125), (difference.Baseline, difference.Run, difference.Difference));
        Assert.Equal(0.125 / 0.5625, difference.Relative);
        Assert.Equal(PairedTTest.PValue([0, 0.5, -0.25, 0.25]), difference.PValue);
    }

    [Fact]
    public void A_share_of_nothing_is_not_given() =>
        Assert.Null(MeasureDifference.Of(RR, At(0, 0), At(1, 1), test: true).Relative);

    [Fact]
    public void Two_complete_runs_are_tested_on_every_measure()
    {
        var comparison = RunComparison.Of((GivenRuns.Run("a"), At(1, 2)), (GivenRuns.Run("b"), At(2, 2)));
        Assert.Empty(comparison.Reservations);
        Assert.Equal(["RR", "P@1"], comparison.Measures.Select(m => m.Measure.ToString()));
        Assert.All(comparison.Measures, m => Assert.NotNull(m.PValue));
        Assert.True(comparison.ScoresShared);
        Assert.False(RunComparison.Of((GivenRuns.Run(), At(1)), (GivenRuns.Run(scorer: "bb"), At(1))).ScoresShared);
    }

    [Fact]
    public void A_partial_run_is_a_reservation_and_withholds_p_values()
    {
        var comparison = RunComparison.Of((GivenRuns.Run("a"), At(1, 2)),
            (GivenRuns.Run("b", status: RunStatus.Partial, depth: 20), At(2, 2)));
        Assert.Equal(["'b' is partial: it was stopped at depth 20"], comparison.Reservations);
        Assert.All(comparison.Measures, m => Assert.Null(m.PValue));
        Assert.Equal(1, comparison.Measures[0].Losses);
    }

    [Fact]
    public void Different_coverage_is_a_reservation_and_withholds_p_values()
    {
        var comparison = RunComparison.Of((GivenRuns.Run("a"), At(1, 2, 0)), (GivenRuns.Run("b"), At(2, 2, 1)));
        Assert.Equal(["the runs cover different queries: 1 and 0 queries of the qrels have no results"],
            comparison.Reservations);
        Assert.All(comparison.Measures, m => Assert.Null(m.PValue));
    }

    [Fact]
    public void The_set_up_differs_key_by_key_and_fingerprints_of_scorers_are_left_out()
    {
        var differences = SetupDifference.Between(
            """{"dataset":{"depth":100,"qrels":"x"},"scorer":{"max_length":512,"fingerprint":"aa","data":{"w":"1"}}}""",
            """{"dataset":{"depth":null,"qrels":"x"},"scorer":{"max_length":256,"fingerprint":"bb","extra":true}}""");
        Assert.Equal(
            [new("dataset.depth", "100", "none"), new("scorer.max_length", "512", "256"),
                new("scorer.data.w", "1", "none"), new("scorer.extra", "none", "true")],
            differences);
        Assert.Empty(SetupDifference.Between("""{"a":1}""", """{"a":1}"""));
    }
}
