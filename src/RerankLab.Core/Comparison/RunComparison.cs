using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Core.Statistics;

namespace RerankLab.Core.Comparison;

/// <summary>What changed between a baseline and another run, in the set-up and in the measures.</summary>
/// <param name="Baseline">The run compared with.</param>
/// <param name="Run">The run compared.</param>
/// <param name="Setup">The keys of the set-up that differ.</param>
/// <param name="ScoresShared">Whether both runs take their scores from one scorer.</param>
/// <param name="Measures">One row a measure, over the queries of one qrels.</param>
/// <param name="Reservations">Why the differences may not be what they seem; p-values are withheld while there are any.</param>
public sealed record RunComparison(RunRecord Baseline, RunRecord Run, IReadOnlyList<SetupDifference> Setup, bool ScoresShared,
    IReadOnlyList<MeasureDifference> Measures, IReadOnlyList<string> Reservations)
{
    /// <param name="baseline">The run compared with, and its evaluation.</param>
    /// <param name="run">The run compared, and its evaluation on the same qrels and measures.</param>
    public static RunComparison Of((RunRecord Record, Evaluation Evaluation) baseline, (RunRecord Record, Evaluation Evaluation) run)
    {
        var reservations = ReservationsOf(baseline, run).ToList();
        return new RunComparison(baseline.Record, run.Record, SetupDifference.Between(baseline.Record.Setup, run.Record.Setup),
            baseline.Record.ScorerFingerprint == run.Record.ScorerFingerprint,
            [.. baseline.Evaluation.Measures.Select(m => MeasureDifference.Of(m, baseline.Evaluation, run.Evaluation, reservations.Count == 0))],
            reservations);
    }

    static IEnumerable<string> ReservationsOf((RunRecord Record, Evaluation Evaluation) baseline, (RunRecord Record, Evaluation Evaluation) run)
    {
        foreach (var record in new[] { baseline.Record, run.Record })
            if (record.Status == RunStatus.Partial)
                yield return $"'{record.Name}' is partial: it was stopped at depth {record.Depth}";
        var (a, b) = (baseline.Evaluation.Coverage.WithoutResults, run.Evaluation.Coverage.WithoutResults);
        if (a != b) yield return $"the runs cover different queries: {a} and {b} queries of the qrels have no results";
    }
}

/// <summary>One key of the set-up that differs.</summary>
public sealed record SetupDifference(string Key, string Baseline, string Run)
{
    /// <summary>The differing keys of two set-ups as recorded; fingerprints of scorers are left to what they are made of.</summary>
    public static IReadOnlyList<SetupDifference> Between(string baseline, string run)
    {
        var (a, b) = (RunSetup.Flatten(baseline), RunSetup.Flatten(run));
        var (byKeyA, byKeyB) = (a.ToDictionary(), b.ToDictionary());
        return [.. a.Concat(b).Select(f => f.Key).Distinct().Where(k => k != "scorer.fingerprint")
            .Select(k => new SetupDifference(k, byKeyA.GetValueOrDefault(k, "none"), byKeyB.GetValueOrDefault(k, "none")))
            .Where(d => d.Baseline != d.Run)];
    }
}

/// <summary>How a measure moved between two runs.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Baseline">Mean of the baseline.</param>
/// <param name="Run">Mean of the other run.</param>
/// <param name="Wins">Queries on which the other run is better.</param>
/// <param name="Ties">Queries on which both are equal, to 1e-9.</param>
/// <param name="Losses">Queries on which the other run is worse.</param>
/// <param name="PValue">Of a two-sided paired t-test; null where it cannot be said.</param>
public sealed record MeasureDifference(Measure Measure, double Baseline, double Run, int Wins, int Ties, int Losses, double? PValue)
{
    /// <summary>Differences smaller than this come from the order of additions.</summary>
    const double Tie = 1e-9;

    public double Difference => Run - Baseline;

    /// <summary>The difference as a share of the baseline; null where that is 0.</summary>
    public double? Relative => Baseline == 0 ? null : Difference / Baseline;

    public static MeasureDifference Of(Measure measure, Evaluation baseline, Evaluation run, bool test)
    {
        var differences = baseline.Of(measure).Zip(run.Of(measure), (a, b) => b - a).ToList();
        return new MeasureDifference(measure, baseline.Mean(measure), run.Mean(measure),
            differences.Count(d => d > Tie), differences.Count(d => Math.Abs(d) <= Tie), differences.Count(d => d < -Tie),
            test ? PairedTTest.PValue(differences) : null);
    }
}
