using RerankLab.Core.Runs;

namespace RerankLab.Core.Comparison;

/// <summary>One key of the set-up that differs.</summary>
public sealed record SetupDifference(string Key, string Baseline, string Run)
{
    const string KindOfScorer = "scorer.kind";

    /// <summary>
    /// Whether this is why the runs share no scores: the model's name and precision only help people to find a scorer.
    /// </summary>
    public bool IsOfScorer =>
        Key.StartsWith("scorer.", StringComparison.Ordinal) && Key is not ("scorer.model" or "scorer.precision");

    /// <summary>The differing keys of two set-ups as recorded; fingerprints of scorers are left to what they are made of.</summary>
    public static IReadOnlyList<SetupDifference> Between(string baseline, string run)
    {
        var (a, b) = (RunSetup.Flatten(baseline), RunSetup.Flatten(run));
        var (byKeyA, byKeyB) = (a.ToDictionary(), b.ToDictionary());
        SetupDifference[] differences = [.. a.Concat(b).Select(f => f.Key).Distinct().Where(k => k != "scorer.fingerprint")
            .Select(k => new SetupDifference(k, byKeyA.GetValueOrDefault(k, "none"), byKeyB.GetValueOrDefault(k, "none")))
            .Where(d => d.Baseline != d.Run)];
        // Scorers of two kinds have nothing else in common that could be compared.
        return differences.All(d => d.Key != KindOfScorer) ? differences
            : [.. differences.Where(d => !d.IsOfScorer || d.Key == KindOfScorer)];
    }
}
