using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>A distinct pair without a score, where it was met first.</summary>
/// <param name="Query">Ordinal of the query.</param>
/// <param name="Candidate">Ordinal of the candidate: its first-stage rank, from 0.</param>
/// <param name="Bytes">UTF-8 length of both texts.</param>
public readonly record struct MissingPair(int Query, int Candidate, int Bytes);

/// <summary>Which pairs of an experiment still have to be scored, each distinct one once.</summary>
/// <param name="Pairs">In the order in which they are to be scored: by depth band, then by length.</param>
/// <param name="DistinctPairs">Distinct pairs of the experiment, scored ones included.</param>
/// <param name="Repeated">Pairs beyond those: equal texts under other ids.</param>
/// <param name="WithoutText">Pairs to score whose texts are not at hand.</param>
public sealed record MissingPairs(IReadOnlyList<MissingPair> Pairs, int DistinctPairs, int Repeated, int WithoutText)
{
    public int Hits => DistinctPairs - Pairs.Count;

    public static MissingPairs Of(Dataset dataset, IReadOnlyList<QueryKeys> keys, PairScores scores)
    {
        var seen = new HashSet<(long, PairKey)>();
        var missing = new Dictionary<(long, PairKey), MissingPair>();
        for (int q = 0; q < keys.Count; q++)
        {
            var texts = dataset.CandidateTexts[q];
            for (int c = 0; c < keys[q].Pairs.Length; c++)
            {
                var key = (keys[q].Query, keys[q].Pairs[c]);
                bool isNew = seen.Add(key);
                if (scores.Has(q, c)) continue;
                // A pair met again at a better rank is wanted that early.
                if (isNew || missing[key].Candidate > c)
                    missing[key] = new MissingPair(q, c, dataset.Texts.Utf8(texts.Query).Length + dataset.Texts.Utf8(texts.Passages[c]).Length);
            }
        }
        var ordered = missing.Values.OrderBy(m => DepthBand.Of(m.Candidate)).ThenByDescending(m => m.Bytes)
            .ThenBy(m => m.Query).ThenBy(m => m.Candidate);
        int withoutText = missing.Values.Count(m => dataset.CandidateTexts[m.Query] is var t
            && (t.Query == TextPool.Absent || t.Passages[m.Candidate] == TextPool.Absent));
        return new MissingPairs([.. ordered], seen.Count, keys.Sum(k => k.Pairs.Length) - seen.Count, withoutText);
    }
}

/// <summary>
/// Ranks 1–10 of every query are scored before 11–20, then 21–50, 51–100, 101–200 and so on: a run that was cut short
/// is a valid experiment at a smaller depth.
/// </summary>
public static class DepthBand
{
    /// <summary>The band of a rank counted from 0.</summary>
    public static int Of(int rank)
    {
        int band = 0;
        for (long end = 10; rank >= end; band++) end = band % 3 == 1 ? end / 2 * 5 : end * 2;
        return band;
    }
}
