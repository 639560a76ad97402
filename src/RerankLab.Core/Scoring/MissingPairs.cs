using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>A distinct pair without a score, where it was met first.</summary>
/// <param name="Query">Ordinal of the query.</param>
/// <param name="Candidate">Ordinal of the candidate: its first-stage rank, from 0.</param>
/// <param name="Bytes">UTF-8 length of both texts.</param>
public readonly record struct MissingPair(int Query, int Candidate, int Bytes) : IComparable<MissingPair>
{
    /// <summary>The order in which pairs are scored: by depth band, then the longest first, then as they stand.</summary>
    public int CompareTo(MissingPair other)
    {
        int order = DepthBand.Of(Candidate) - DepthBand.Of(other.Candidate);
        if (order == 0) order = other.Bytes.CompareTo(Bytes);
        if (order == 0) order = Query.CompareTo(other.Query);
        return order != 0 ? order : Candidate.CompareTo(other.Candidate);
    }
}

/// <summary>Which pairs of an experiment still have to be scored, each distinct one once.</summary>
/// <param name="Pairs">In the order in which they are to be scored: by depth band, then by length.</param>
/// <param name="DistinctPairs">Distinct pairs of the experiment, scored ones included.</param>
/// <param name="Repeated">Pairs beyond those: equal texts under other ids.</param>
/// <param name="WithoutText">Pairs to score whose texts are not at hand.</param>
public sealed record MissingPairs(IReadOnlyList<MissingPair> Pairs, int DistinctPairs, int Repeated, int WithoutText)
{
    public int Hits => DistinctPairs - Pairs.Count;

    /// <param name="dataset">The candidates, and how long their texts are.</param>
    /// <param name="keys">Their keys.</param>
    /// <param name="scores">Which of them have a score.</param>
    public static MissingPairs Of(Dataset dataset, IReadOnlyList<QueryKeys> keys, PairScores scores)
    {
        // Equal pairs are those of equal query keys, so repetitions are looked for among few pairs at a time.
        var (queries, groups) = ByQueryKey(keys);
        var missing = new MissingPair[scores.Missing];
        int count = 0, distinct = 0, withoutText = 0;
        Parallel.For(0, groups.Length - 1, () => new List<Place>(), (g, _, places) =>
        {
            places.Clear();
            foreach (int q in queries.AsSpan(groups[g]..groups[g + 1]))
                for (int c = 0; c < keys[q].Pairs.Length; c++) places.Add(new Place(keys[q].Pairs[c], q, c));
            places.Sort();

            int isDistinct = 0, isWithoutText = 0;
            for (int start = 0, end; start < places.Count; start = end)
            {
                Place? wanted = null;
                for (end = start; end < places.Count && places[end].Pair == places[start].Pair; end++)
                    if (!scores.Has(places[end].Query, places[end].Candidate)) wanted ??= places[end];
                isDistinct++;
                if (wanted is not { } place) continue;
                var texts = dataset.CandidateTexts[place.Query];
                var (query, passage) = (texts.Query, texts.Passages[place.Candidate]);
                if (query == TextPool.Absent || passage == TextPool.Absent) isWithoutText++;
                missing[Interlocked.Increment(ref count) - 1] = new MissingPair(place.Query, place.Candidate,
                    dataset.Texts.Length(query) + dataset.Texts.Length(passage));
            }
            Interlocked.Add(ref distinct, isDistinct);
            Interlocked.Add(ref withoutText, isWithoutText);
            return places;
        }, _ => { });

        if (count < missing.Length) Array.Resize(ref missing, count);
        Array.Sort(missing);
        return new MissingPairs(missing, distinct, keys.Sum(k => k.Pairs.Length) - distinct, withoutText);
    }

    /// <summary>Where a pair is met. Of equal ones the best rank comes first: a pair met again there is wanted that early.</summary>
    readonly record struct Place(PairKey Pair, int Query, int Candidate) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            int order = Pair.Value.CompareTo(other.Pair.Value);
            if (order == 0) order = Candidate.CompareTo(other.Candidate);
            return order != 0 ? order : Query.CompareTo(other.Query);
        }
    }

    /// <summary>The queries in groups of one key each, mostly of one query, and where the groups begin and the last one ends.</summary>
    static (int[] Queries, int[] Groups) ByQueryKey(IReadOnlyList<QueryKeys> keys)
    {
        var (ofQueries, queries) = (new long[keys.Count], new int[keys.Count]);
        for (int q = 0; q < keys.Count; q++) (ofQueries[q], queries[q]) = (keys[q].Query, q);
        Array.Sort(ofQueries, queries);
        var groups = new List<int>();
        for (int i = 0; i < ofQueries.Length; i++)
            if (i == 0 || ofQueries[i] != ofQueries[i - 1]) groups.Add(i);
        groups.Add(queries.Length);
        return (queries, [.. groups]);
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
