using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Core.Statistics;

namespace RerankLab.Core.Verification;

/// <summary>A cached score, where its pair was met first.</summary>
/// <param name="Query">Ordinal of the query.</param>
/// <param name="Candidate">Ordinal of the candidate.</param>
/// <param name="Session">The session that scored it.</param>
public readonly record struct CachedPair(int Query, int Candidate, ScoringSession Session);

/// <summary>
/// Which cached pairs are scored again. Every session gets an equal share of the sample, and what a small session does
/// not use goes to the others; each gets one pair at least. A share is filled with blocks: up to
/// <see cref="BlockSize"/> pairs of one query that are neighbours in the ranking by cached scores (among the session's
/// own), in an order drawn by the seed. Blocks of one query are drawn together across sessions. So a query of few
/// candidates is compared whole, and of a long one a stretch in which orders can change; the last block is cut.
/// </summary>
public static class VerificationSample
{
    /// <summary>The most pairs of one query that are taken at once.</summary>
    public const int BlockSize = 20;

    /// <summary>Every distinct pair that has a score, where it was met first.</summary>
    public static List<CachedPair> AllCached(IReadOnlyList<QueryKeys> keys, PairScores scores, ScoringSession?[][] sessions)
    {
        var seen = new HashSet<(long, PairKey)>();
        var cached = new List<CachedPair>();
        for (int q = 0; q < keys.Count; q++)
            for (int c = 0; c < keys[q].Pairs.Length; c++)
                if (scores.Has(q, c) && sessions[q][c] is { } session && seen.Add((keys[q].Query, keys[q].Pairs[c])))
                    cached.Add(new CachedPair(q, c, session));
        return cached;
    }

    /// <summary>Draws a sample.</summary>
    /// <param name="cached">All pairs that may be drawn.</param>
    /// <param name="dataset">What they are pairs of.</param>
    /// <param name="scores">Their cached scores.</param>
    /// <param name="size">How many; null for all.</param>
    /// <param name="seed">The same seed draws the same pairs on every machine.</param>
    public static List<CachedPair> Draw(IReadOnlyList<CachedPair> cached, Dataset dataset, PairScores scores, int? size, ulong seed)
    {
        if (size is null || size >= cached.Count) return [.. cached];
        var strata = cached.GroupBy(p => p.Session).OrderBy(s => s.Count()).ThenBy(s => s.Key.Uid, StringComparer.Ordinal).ToList();
        var sample = new List<CachedPair>();
        foreach (var (ordinal, stratum) in strata.Index())
        {
            // The smallest come first, so that what they leave is shared by those after them.
            int share = Math.Max(1, (size.Value - sample.Count) / (strata.Count - ordinal));
            sample.AddRange(Blocks(stratum, dataset, scores, seed).SelectMany(b => b).Take(share));
        }
        return sample;
    }

    /// <summary>A session's pairs in blocks, in the order in which they are drawn.</summary>
    static IEnumerable<CachedPair[]> Blocks(IEnumerable<CachedPair> pairs, Dataset dataset, PairScores scores, ulong seed)
    {
        var blocks = new List<(ulong Draw, CachedPair[] Block)>();
        foreach (var query in pairs.GroupBy(p => p.Query))
        {
            var documents = dataset.Candidates[query.Key].Documents;
            var ranked = query.ToArray();
            Array.Sort(ranked, (a, b) => TotalOrder.Compare(
                scores.Logits[a.Query][a.Candidate], documents.Utf8(a.Candidate), scores.Logits[b.Query][b.Candidate], documents.Utf8(b.Candidate)));
            var random = SplitMix64.Stream(seed, query.Key);
            foreach (var block in ranked.Chunk(BlockSize)) blocks.Add((random.Next(), block));
        }
        return blocks.OrderBy(b => b.Draw).Select(b => b.Block);
    }
}
