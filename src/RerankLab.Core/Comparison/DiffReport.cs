using RerankLab.Core.Measures;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Comparison;

/// <summary>What changed between runs, whether it is real, and where.</summary>
/// <param name="Baseline">The first run.</param>
/// <param name="Comparisons">Each other run against it.</param>
/// <param name="Tests">Tests made on them and corrected together: runs times measures.</param>
/// <param name="Leaderboard">All of them against each other.</param>
public sealed record DiffReport(
    MeasuredRun Baseline, IReadOnlyList<RunComparison> Comparisons, int Tests, Leaderboard Leaderboard)
{
    /// <param name="runs">At least two; the first is the baseline, and the others are taken and let go one after another.</param>
    /// <param name="measures">At least one; on the first of them it is told which queries moved.</param>
    /// <param name="moved">How many queries are told that went up, and how many that went down.</param>
    /// <exception cref="UserError">The baseline has no judgements.</exception>
    public static DiffReport Of(
        IEnumerable<(RunRecord Record, RunData Data)> runs, IReadOnlyList<Measure> measures, int moved)
    {
        ComparedRun? baseline = null;
        var measured = new List<MeasuredRun>();
        var comparisons = new List<RunComparison>();
        foreach (var (record, data) in runs)
        {
            var qrels = baseline?.Qrels ?? data.Qrels ?? throw new UserError($"run '{record.Name}' has no qrels",
                "all runs are compared on the first one's: name first a run that has some");
            var run = new ComparedRun(record, data, qrels, measures);
            measured.Add(run.Measured);
            if (baseline is null) baseline = run;
            else comparisons.Add(RunComparison.Between(baseline, run, moved));
        }
        var tests = Significance.Of([.. comparisons.Where(c => c.Reservations.Count == 0)
            .SelectMany(c => c.Measures).Select(m => m.ByQuery)]);
        return new DiffReport(measured[0], WithTests(comparisons, tests), tests.Count, Leaderboard.Of(measured));
    }

    static IReadOnlyList<RunComparison> WithTests(IEnumerable<RunComparison> comparisons, IReadOnlyList<Significance> tests)
    {
        int next = 0;
        return [.. comparisons.Select(c => c.Reservations.Count > 0 ? c
            : c with { Measures = [.. c.Measures.Select(m => m with { Significance = tests[next++] })] })];
    }
}
