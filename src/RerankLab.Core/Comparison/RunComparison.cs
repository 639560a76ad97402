using RerankLab.Core.Runs;

namespace RerankLab.Core.Comparison;

/// <summary>What changed between a baseline and another run, in the set-up, the measures and the rankings.</summary>
/// <param name="Baseline">The run compared with.</param>
/// <param name="Run">The run compared.</param>
/// <param name="Setup">The keys of the set-up that differ.</param>
/// <param name="ScoresShared">Whether both runs take their scores from one scorer.</param>
/// <param name="Measures">One a measure, over the queries of one qrels.</param>
/// <param name="Agreement">How alike they rank.</param>
/// <param name="Moved">The queries that moved most on the first measure.</param>
/// <param name="Reservations">Why the differences may not be what they seem; nothing is tested while there are any.</param>
public sealed record RunComparison(RunRecord Baseline, RunRecord Run, IReadOnlyList<SetupDifference> Setup, bool ScoresShared,
    IReadOnlyList<MeasureDifference> Measures, RankAgreement Agreement, MovedQueries Moved, IReadOnlyList<string> Reservations)
{
    /// <summary>Compares without testing: the tests of all comparisons are corrected together.</summary>
    internal static RunComparison Between(ComparedRun baseline, ComparedRun run, int moved)
    {
        var (there, here) = (baseline.Measured, run.Measured);
        MeasureDifference[] measures = [.. there.Evaluation.Measures.Select(m =>
            new MeasureDifference(m, there.Evaluation.Mean(m), here.Evaluation.Mean(m), here.DifferencesFrom(there, m)))];
        return new RunComparison(there.Record, here.Record,
            SetupDifference.Between(there.Record.Setup, here.Record.Setup),
            there.Record.ScorerFingerprint == here.Record.ScorerFingerprint,
            measures,
            RankAgreement.Between(baseline, run),
            MovedQueries.Between(baseline, run, measures[0], moved),
            [.. here.ReservationsAgainst(there)]);
    }
}
