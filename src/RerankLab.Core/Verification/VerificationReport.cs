using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;
using RerankLab.Core.Statistics;

namespace RerankLab.Core.Verification;

/// <summary>A pair's cached score beside the one that it got now.</summary>
/// <param name="Query">The query's id.</param>
/// <param name="Document">The document's id.</param>
/// <param name="Cached">The cached logit.</param>
/// <param name="Rescored">The logit now; not finite where the model gave NaN or infinity.</param>
/// <param name="CachedTokens">The length, before truncation, that is cached.</param>
/// <param name="Tokens">The length now.</param>
public sealed record RescoredPair(string Query, string Document, float Cached, float Rescored, int CachedTokens, int Tokens)
{
    public bool IsFinite => float.IsFinite(Rescored);

    /// <summary>Absolute, exact.</summary>
    public double Difference => Math.Abs((double)Cached - Rescored);
}

/// <summary>What a comparison of scores found.</summary>
/// <param name="Pairs">Pairs compared.</param>
/// <param name="Largest">The pair whose logit moved most; null where none is finite now.</param>
/// <param name="MeanDifference">Mean absolute difference over the pairs that are finite now; 0 where there are none.</param>
/// <param name="AboveTolerance">Pairs that moved by more than the tolerance.</param>
/// <param name="TokensDiffer">Pairs whose length is another than the cached one.</param>
/// <param name="FirstOfOtherLength">One of them.</param>
/// <param name="NotFinite">Pairs whose logit is NaN or infinite now.</param>
/// <param name="FirstNotFinite">One of them.</param>
public sealed record ScoreComparison(int Pairs, RescoredPair? Largest, double MeanDifference, int AboveTolerance,
    int TokensDiffer, RescoredPair? FirstOfOtherLength, int NotFinite, RescoredPair? FirstNotFinite)
{
    public double MaxDifference => Largest?.Difference ?? 0;

    public bool Passes => AboveTolerance == 0 && TokensDiffer == 0 && NotFinite == 0;

    public static ScoreComparison Of(IReadOnlyCollection<RescoredPair> pairs, Tolerance tolerance)
    {
        var finite = pairs.Where(p => p.IsFinite).ToList();
        var otherLength = pairs.Where(p => p.CachedTokens != p.Tokens).ToList();
        return new ScoreComparison(pairs.Count, finite.MaxBy(p => p.Difference), finite.Count == 0 ? 0 : finite.Average(p => p.Difference),
            finite.Count(p => p.Difference > tolerance.Logit), otherLength.Count, otherLength.FirstOrDefault(),
            pairs.Count - finite.Count, pairs.FirstOrDefault(p => !p.IsFinite));
    }
}

/// <summary>What a comparison found of one session's scores.</summary>
/// <param name="Session">The session.</param>
/// <param name="Cached">Distinct pairs of the experiment that have their score from it.</param>
/// <param name="Scores">What was found.</param>
/// <param name="SetupDiffers">How its set-up differs from this machine's.</param>
public sealed record SessionComparison(ScoringSession Session, int Cached, ScoreComparison Scores, IReadOnlyList<string> SetupDiffers);

/// <summary>
/// Pairs of candidates of one query, both in the sample, that the cached scores put in one order and the new scores in the
/// other. Orders are those of rankings: by logit, then by document id.
/// </summary>
/// <param name="Flips">Such pairs of candidates.</param>
/// <param name="Pairs">Pairs of candidates looked at.</param>
/// <param name="QueriesWithFlips">Queries that have such a pair.</param>
/// <param name="Queries">Queries with at least two candidates in the sample.</param>
public sealed record RankFlips(long Flips, long Pairs, int QueriesWithFlips, int Queries)
{
    /// <param name="queries">The compared pairs by query.</param>
    public static RankFlips Of(IEnumerable<IEnumerable<RescoredPair>> queries)
    {
        var found = new RankFlips(0, 0, 0, 0);
        foreach (var query in queries)
        {
            var pairs = query.Where(p => p.IsFinite).ToArray();
            if (pairs.Length < 2) continue;
            Array.Sort(pairs, (a, b) => TotalOrder.Compare(a.Cached, a.Document, b.Cached, b.Document));
            var now = Enumerable.Range(0, pairs.Length).ToArray();
            Array.Sort(now, (a, b) => TotalOrder.Compare(pairs[a].Rescored, pairs[a].Document, pairs[b].Rescored, pairs[b].Document));
            long flips = KendallTau.SortCountingInversions(now);
            found = new RankFlips(found.Flips + flips, found.Pairs + (long)pairs.Length * (pairs.Length - 1) / 2,
                found.QueriesWithFlips + (flips > 0 ? 1 : 0), found.Queries + 1);
        }
        return found;
    }
}

/// <summary>Whether cached scores are what this machine gives.</summary>
/// <param name="Scorer">Whose scores.</param>
/// <param name="Backend">What scored again.</param>
/// <param name="Tolerance">What was allowed.</param>
/// <param name="Cached">Distinct pairs of the experiment that have a score.</param>
/// <param name="Seed">What the sample was drawn by.</param>
/// <param name="Scores">What was found of all.</param>
/// <param name="Sessions">And by session, the oldest first.</param>
/// <param name="Flips">Orders that changed.</param>
public sealed record VerificationReport(ScorerIdentity Scorer, ScorerBackend Backend, Tolerance Tolerance, int Cached, ulong Seed,
    ScoreComparison Scores, IReadOnlyList<SessionComparison> Sessions, RankFlips Flips)
{
    public bool Passes => Scores.Passes;
}
