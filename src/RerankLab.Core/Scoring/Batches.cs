namespace RerankLab.Core.Scoring;

/// <summary>Cuts work into windows and batches. Pure: the same input gives the same batches.</summary>
public static class Batches
{
    /// <summary>Pairs that are prepared together and sorted by length before they are batched.</summary>
    public const int WindowSize = 16_384;

    /// <summary>Cuts ordered misses into windows of one depth band each.</summary>
    public static IEnumerable<ArraySegment<MissingPair>> Windows(MissingPair[] ordered)
    {
        for (int start = 0, end; start < ordered.Length; start = end)
        {
            int band = DepthBand.Of(ordered[start].Candidate);
            end = start + 1;
            while (end < ordered.Length && end - start < WindowSize && DepthBand.Of(ordered[end].Candidate) == band) end++;
            yield return new ArraySegment<MissingPair>(ordered, start, end - start);
        }
    }

    /// <summary>
    /// Cuts lengths that descend into batches of at most <paramref name="tokens"/> tokens each, padding included; a pair
    /// that alone is longer makes a batch of its own.
    /// </summary>
    public static IEnumerable<Range> WithinBudget(IReadOnlyList<int> descendingLengths, int tokens)
    {
        for (int start = 0, end; start < descendingLengths.Count; start = end)
        {
            end = start + Math.Max(1, tokens / Math.Max(1, descendingLengths[start]));
            end = Math.Min(end, descendingLengths.Count);
            yield return start..end;
        }
    }
}
