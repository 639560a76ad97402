using RerankLab.Core.Comparison;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using static RerankLab.Core.Tests.Comparison.ConstructedRuns;

namespace RerankLab.Core.Tests.Comparison;

public class LeaderboardTests
{
    [Fact]
    public void Runs_keep_their_order_and_name_those_that_they_are_significantly_better_than()
    {
        var board = Board(("third", 3, 40), ("first", 1, 40), ("second", 2, 40), ("also first", 1, 40));
        Assert.Equal(["third", "first", "second", "also first"], board.Entries.Select(e => e.Run.Name));
        Assert.Equal([1 / 3.0, 1, 0.5, 1], board.Entries.Select(e => Math.Round(e.Values[0].Mean, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(["", "0,2", "0", "0,2"], board.Entries.Select(e => string.Join(',', e.Values[0].BetterThan)));
        Assert.Equal((6, 0), (board.Comparisons, board.Reservations.Count));
    }

    [Fact]
    public void Few_queries_show_nothing_however_large_the_difference()
    {
        var board = Board(("first", 1, 5), ("third", 3, 5));
        Assert.All(board.Entries, e => Assert.Empty(e.Values[0].BetterThan));
    }

    [Fact]
    public void What_one_pair_shows_alone_may_be_lost_among_many()
    {
        // Seven queries: p = 2/128 passes alone, but not as one of six.
        Assert.Equal([1], Board(("first", 1, 7), ("second", 2, 7)).Entries[0].Values[0].BetterThan);
        var many = Board(("first", 1, 7), ("second", 2, 7), ("third", 3, 7), ("fourth", 4, 7));
        Assert.All(many.Entries, e => Assert.Empty(e.Values[0].BetterThan));
    }

    [Fact]
    public void A_partial_run_is_listed_and_not_tested()
    {
        var qrels = QrelsOf(40);
        var board = DiffReport.Of(
            [
                Run("first", [.. Enumerable.Repeat(1, 40)], qrels),
                Run("part", [.. Enumerable.Repeat(2, 40)], qrels, RunStatus.Partial),
                Run("third", [.. Enumerable.Repeat(3, 40)], qrels),
            ], [Measure.Parse("RR")], 0).Leaderboard;
        Assert.Equal(["2", "", ""], board.Entries.Select(e => string.Join(',', e.Values[0].BetterThan)));
        Assert.Equal(1, board.Comparisons);
        Assert.Contains("'part' is partial", Assert.Single(board.Reservations));
    }

    /// <summary>Runs that rank the relevant document at the same rank for each of so many queries.</summary>
    static Leaderboard Board(params (string Name, int Rank, int Queries)[] runs)
    {
        var qrels = QrelsOf(runs[0].Queries);
        return DiffReport.Of(runs.Select(r => Run(r.Name, [.. Enumerable.Repeat(r.Rank, r.Queries)], qrels)), [Measure.Parse("RR")], 0).Leaderboard;
    }
}
