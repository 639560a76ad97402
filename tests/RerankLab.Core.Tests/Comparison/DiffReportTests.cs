using RerankLab.Core.Comparison;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Core.Statistics;
using static RerankLab.Core.Tests.Comparison.ConstructedRuns;

namespace RerankLab.Core.Tests.Comparison;

public class DiffReportTests
{
    static readonly Measure[] Measures = [Measure.Parse("RR"), Measure.Parse("Success@1")];
    static readonly Qrels Eight = QrelsOf(8);

    /// <summary>RR 1/2, 1/2, 1/2, 1/2, 1/2, 1/2, 1/2, 1 against 1, 1, 1, 1, 1, 1, 1/4, 1.</summary>
    static readonly (RunRecord, RunData)
        Second = Run("second", [2, 2, 2, 2, 2, 2, 2, 1], Eight),
        First = Run("first", [1, 1, 1, 1, 1, 1, 4, 1], Eight, scorer: """{"fingerprint":"f1","max_length":256,"model":"n"}""");

    static DiffReport Report(params (RunRecord, RunData)[] runs) => DiffReport.Of(runs, Measures, moved: 3);

    [Fact]
    public void Means_differences_wins_and_losses_are_as_by_hand()
    {
        var difference = Report(Second, First).Comparisons[0].Measures[0];
        Assert.Equal(4.5 / 8, difference.Baseline, 1e-15);
        Assert.Equal(7.25 / 8, difference.Run, 1e-15);
        Assert.Equal(2.75 / 8, difference.Difference, 1e-15);
        Assert.Equal(2.75 / 4.5, difference.Relative!.Value, 1e-15);
        Assert.Equal((6, 1, 1), (difference.Wins, difference.Ties, difference.Losses));
    }

    [Fact]
    public void A_share_of_nothing_is_not_given()
    {
        var success = Report(Run("never first", [2, 3], QrelsOf(2)), Run("always", [1, 1], null)).Comparisons[0].Measures[1];
        Assert.Equal((0, 1), (success.Baseline, success.Run));
        Assert.Null(success.Relative);
    }

    [Fact]
    public void What_is_said_of_chance_is_what_each_statistic_says_of_the_differences()
    {
        var report = Report(Second, First);
        var (rr, success) = (report.Comparisons[0].Measures[0].Significance!, report.Comparisons[0].Measures[1].Significance!);
        double[] differences = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.25, 0];

        // Of the 2^7 signs these reach 2.75: all alike (3.25), or all but the small one (2.75), both ways.
        Assert.Equal(4.0 / 128, rr.P);
        // Success@1 gained on six queries and lost on none: all alike, both ways.
        Assert.Equal(2.0 / 64, success.P);
        Assert.Equal(2, report.Tests);
        Assert.Equal((4.0 / 64, 4.0 / 64), (rr.AdjustedP, success.AdjustedP));
        Assert.False(rr.IsSignificant);
        Assert.Equal(PairedTTest.PValue(differences), rr.TTestP);
        Assert.Equal(BootstrapInterval.Of(differences), rr.Interval);
        Assert.Equal(EffectSize.CohensD(differences), rr.EffectSize);
        Assert.Equal(DetectableDifference.Of(differences), rr.Detectable);
    }

    [Fact]
    public void All_comparisons_made_are_corrected_together()
    {
        var report = Report(Second, First, First);
        Assert.Equal(4, report.Tests);
        Assert.All(report.Comparisons.SelectMany(c => c.Measures), m => Assert.Equal(0.125, m.Significance!.AdjustedP));
    }

    [Fact]
    public void The_queries_that_moved_most_are_named_with_the_documents_that_swapped()
    {
        var moved = Report(Second, First).Comparisons[0].Moved;
        Assert.Equal("RR", moved.Measure.ToString());
        Assert.Equal(["q0", "q1", "q2"], moved.Up.Select(m => m.Query));
        Assert.Equal((0.5, 1.0), (moved.Up[0].Baseline, moved.Up[0].Run));
        Assert.Equal(
            [
                new DocumentMove("a", new TextKey(0, new PairKey(0)), 1, 2, 1),
                new DocumentMove("b", new TextKey(0, new PairKey(1)), 0, 1, 2),
            ],
            moved.Up[0].Documents.OrderBy(d => d.Document));

        var down = Assert.Single(moved.Down);
        Assert.Equal(("q6", 0.5, 0.25), (down.Query, down.Baseline, down.Run));
        Assert.Equal(["a 2 4", "c 3 2", "d 4 3"], down.Documents.Select(d => $"{d.Document} {d.BaselineRank} {d.Rank}").Order());
        Assert.Null(down.Documents.Single(d => d.Document == "c").Label);
    }

    [Fact]
    public void Agreement_is_the_mean_over_the_queries_that_both_answer()
    {
        var agreement = Report(Second, First).Comparisons[0].Agreement;
        // Six queries with one swap of six pairs, one with two, one alike.
        Assert.Equal(8, agreement.Queries);
        Assert.Equal((6 * (1 - 2 / 6.0) + (1 - 4 / 6.0) + 1) / 8, agreement.KendallTau!.Value, 1e-12);
        Assert.InRange(agreement.Overlap!.Value, 0.8, 0.95);
        Assert.Equal(new RankAgreement(8, 1, 1), Rounded(Report(First, First).Comparisons[0].Agreement));
        Assert.Equal(new RankAgreement(0, null, null), Report(First, Run("none", new int[8], Eight)).Comparisons[0].Agreement);

        static RankAgreement Rounded(RankAgreement a) => a with { Overlap = Math.Round(a.Overlap!.Value, 12) };
    }

    [Fact]
    public void Fields_of_the_scorer_say_why_no_scores_are_shared()
    {
        var comparison = Report(Second, First).Comparisons[0];
        Assert.False(comparison.ScoresShared);
        Assert.Equal(["scorer.max_length", "scorer.model"], comparison.Setup.Select(d => d.Key));
        Assert.Equal(["scorer.max_length"], comparison.Setup.Where(d => d.IsOfScorer).Select(d => d.Key));
        Assert.True(Report(First, First).Comparisons[0].ScoresShared);
    }

    [Fact]
    public void Nothing_is_tested_where_a_run_is_partial()
    {
        var partial = Run("part", [1, 1, 1, 1, 1, 1, 4, 1], Eight, RunStatus.Partial);
        var report = Report(Second, partial, First);
        Assert.Contains("'part' is partial", Assert.Single(report.Comparisons[0].Reservations));
        Assert.All(report.Comparisons[0].Measures, m => Assert.Null(m.Significance));
        Assert.All(report.Comparisons[1].Measures, m => Assert.NotNull(m.Significance));
        Assert.Equal((2, 2), (report.Tests, report.Leaderboard.Comparisons));
    }

    [Fact]
    public void Nothing_is_tested_where_as_many_but_other_queries_are_answered()
    {
        var report = Report(Run("x", [1, 1, 1, 1, 1, 1, 1, 0], Eight), Run("y", [0, 1, 1, 1, 1, 1, 1, 1], Eight));
        Assert.Equal("the runs answer different judged queries: 1 only 'x', 1 only 'y'", Assert.Single(report.Comparisons[0].Reservations));
        Assert.Equal(0, report.Tests);
        var lost = Assert.Single(report.Comparisons[0].Moved.Down);
        Assert.Equal(("q0", 1.0, 0.0), (lost.Query, lost.Baseline, lost.Run));
        Assert.Equal("a 1 ", lost.Documents.Select(d => $"{d.Document} {d.BaselineRank} {d.Rank}").First());
    }

    [Fact]
    public void Queries_that_both_lack_or_that_are_not_judged_are_no_reservation()
    {
        var five = QrelsOf(5);
        var report = Report(Run("x", [1, 1, 1, 0, 1, 1], five), Run("y", [1, 2, 1, 0, 1], five));
        Assert.Empty(report.Comparisons[0].Reservations);
        Assert.Equal(5, report.Comparisons[0].Measures[0].ByQuery.Count);
    }

    [Fact]
    public void All_runs_are_measured_on_the_first_ones_judgements()
    {
        Assert.Equal(1, Report(First, Run("unjudged", [1, 1, 1, 1, 1, 1, 1, 1], null)).Comparisons[0].Measures[0].Run);
        var error = Assert.Throws<UserError>(() => Report(Run("unjudged", [1], null), First));
        Assert.Equal("run 'unjudged' has no qrels", error.Message);
    }

    [Fact]
    public void The_report_is_the_same_each_time()
    {
        var qrels = QrelsOf(300);
        var random = new Random(12);
        var (x, y) = (Run("x", [.. Ranks()], qrels), Run("y", [.. Ranks()], qrels));
        Assert.Equal(Said(Report(x, y)), Said(Report(x, y)));

        IEnumerable<int> Ranks() => Enumerable.Range(0, 300).Select(_ => random.Next(1, 5));
        static IEnumerable<Significance?> Said(DiffReport report) => report.Comparisons[0].Measures.Select(m => m.Significance);
    }
}
