namespace RerankLab.Core.Datasets;

/// <summary>The order of every ranking: score descending, then document id descending by UTF-8 bytes (trec_eval's rule).</summary>
public static class TotalOrder
{
    /// <summary>Negative where a stands before b.</summary>
    public static int Compare(double scoreA, string documentA, double scoreB, string documentB)
    {
        int byScore = scoreB.CompareTo(scoreA);
        return byScore != 0 ? byScore : CompareUtf8(documentB, documentA);
    }

    /// <inheritdoc cref="Compare(double, string, double, string)"/>
    public static int Compare(double scoreA, ReadOnlySpan<byte> documentA, double scoreB, ReadOnlySpan<byte> documentB)
    {
        int byScore = scoreB.CompareTo(scoreA);
        return byScore != 0 ? byScore : documentB.SequenceCompareTo(documentA);
    }

    /// <summary>Of two documents with one score, each with its position in the input: negative where a stands before b under a rule.</summary>
    public static int CompareTied(
        ReadOnlySpan<byte> documentA, int positionA, ReadOnlySpan<byte> documentB, int positionB, TieRule ties) => ties switch
        {
            TieRule.DocIdDescending => documentB.SequenceCompareTo(documentA),
            TieRule.DocIdAscending => documentA.SequenceCompareTo(documentB),
            TieRule.Input => positionA.CompareTo(positionB),
            _ => throw new ArgumentOutOfRangeException(nameof(ties)),
        };

    /// <summary>Compares as the strings' UTF-8 bytes would: by code point, so that a surrogate pair sorts above U+E000..U+FFFF.</summary>
    public static int CompareUtf8(string a, string b)
    {
        int same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length) return a.Length.CompareTo(b.Length);
        var (x, y) = (a[same], b[same]);
        return char.IsSurrogate(x) == char.IsSurrogate(y) ? x.CompareTo(y) : char.IsSurrogate(x) ? 1 : y >= 0xD800 ? -1 : x.CompareTo(y);
    }
}
