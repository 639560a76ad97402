using RerankLab.Core.Measures;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Comparison;

/// <summary>The means of several runs, and which of them are significantly better than which.</summary>
/// <param name="Measures">The columns.</param>
/// <param name="Entries">The runs in the order given.</param>
/// <param name="Comparisons">Tests made and corrected together: pairs of runs times measures.</param>
/// <param name="Reservations">Why some pairs were not tested.</param>
public sealed record Leaderboard(
    IReadOnlyList<Measure> Measures, IReadOnlyList<LeaderboardEntry> Entries, int Comparisons, IReadOnlyList<string> Reservations)
{
    public static Leaderboard Of(IReadOnlyList<MeasuredRun> runs)
    {
        var measures = runs[0].Evaluation.Measures;
        var pairs = (from first in Enumerable.Range(0, runs.Count)
                     from second in Enumerable.Range(first + 1, runs.Count - first - 1)
                     let reservations = runs[second].ReservationsAgainst(runs[first]).ToList()
                     select (First: first, Second: second, Reservations: reservations)).ToList();
        var tests = (from pair in pairs
                     where pair.Reservations.Count == 0
                     from measure in Enumerable.Range(0, measures.Count)
                     select (pair.First, pair.Second, Measure: measure)).ToList();
        var p = Significance.AdjustedPValues(
            [.. tests.Select(t => runs[t.Second].DifferencesFrom(runs[t.First], measures[t.Measure]))]);

        var better = runs.Select(_ => measures.Select(_ => new List<int>()).ToArray()).ToArray();
        foreach (var ((first, second, measure), adjusted) in tests.Zip(p))
        {
            if (adjusted >= Significance.Alpha) continue;
            if (runs[second].Evaluation.Mean(measures[measure]) > runs[first].Evaluation.Mean(measures[measure]))
                better[second][measure].Add(first);
            else
                better[first][measure].Add(second);
        }
        return new Leaderboard(measures,
            [.. runs.Select((run, i) => new LeaderboardEntry(run.Record,
                [.. measures.Select((m, j) => new LeaderboardValue(run.Evaluation.Mean(m), [.. better[i][j].Order()]))]))],
            tests.Count, [.. pairs.SelectMany(r => r.Reservations).Distinct()]);
    }
}

/// <summary>A run and its values, parallel to the measures.</summary>
public sealed record LeaderboardEntry(RunRecord Run, IReadOnlyList<LeaderboardValue> Values);

/// <summary>A mean, and the ordinals of the runs that it is significantly better than.</summary>
public sealed record LeaderboardValue(double Mean, IReadOnlyList<int> BetterThan);
