namespace RerankLab.Core.Scoring;

/// <summary>Cuts work into windows and batches. Pure: the same input gives the same batches.</summary>
public static class Batches
{
    /// <summary>Pairs that are prepared together and sorted by length before they are batched.</summary>
    public const int WindowSize = 16_384;

    /// <summary>The first windows are small, so that scoring begins soon: each is twice as large as the one before.</summary>
    public const int FirstWindowSize = 64;

    /// <summary>The texts of a window: prepared pairs are held in memory, and a token is at least a byte, mostly.</summary>
    public const long WindowBytes = 16 << 20;

    /// <summary>Cuts ordered misses into windows of one depth band each.</summary>
    public static IEnumerable<Range> Windows(IReadOnlyList<MissingPair> ordered)
    {
        int size = FirstWindowSize;
        for (int start = 0, end; start < ordered.Count; start = end)
        {
            int band = DepthBand.Of(ordered[start].Candidate);
            long bytes = ordered[start].Bytes;
            for (end = start + 1; end < ordered.Count && end - start < size && DepthBand.Of(ordered[end].Candidate) == band; end++)
                if ((bytes += ordered[end].Bytes) > WindowBytes) break;
            yield return start..end;
            size = Math.Min(size * 2, WindowSize);
        }
    }

    /// <summary>
    /// Where the batch ends that begins at <paramref name="start"/>: it has at most so many tokens, padding included, and so many pairs;
    /// a pair that alone is longer makes a batch of its own.
    /// </summary>
    /// <param name="descending">Pairs, the longest first.</param>
    /// <param name="start">The batch's first pair.</param>
    /// <param name="tokens">Tokens of a batch, padding included.</param>
    /// <param name="pairs">Pairs of a batch.</param>
    public static int EndOf(IReadOnlyList<PreparedPair> descending, int start, int tokens, int pairs)
    {
        int fitting = Math.Clamp(tokens / Math.Max(1, descending[start].Length), 1, pairs);
        return Math.Min(start + fitting, descending.Count);
    }
}
