namespace RerankLab.Core.Statistics;

/// <summary>
/// Kendall's rank correlation (Kendall 1938, "A new measure of rank correlation") over the items that both rankings have:
/// tau-a, which is tau-b here, since no two items share a rank.
/// </summary>
public static class KendallTau
{
    /// <summary>1 for the same order, -1 for the reverse; null for fewer than two common items.</summary>
    public static double? Of(PairedRanking pair)
    {
        var common = Array.FindAll(pair.Ranks, r => r >= 0);
        if (common.Length < 2) return null;
        return 1 - 4.0 * SortCountingInversions(common) / ((double)common.Length * (common.Length - 1));
    }

    /// <summary>
    /// How many pairs of items stand in the wrong order; sorts them. Merge sort: each item that overtakes others was out of
    /// order with all of them.
    /// </summary>
    public static long SortCountingInversions(int[] items)
    {
        var merged = new int[items.Length];
        long inversions = 0;
        for (int width = 1; width < items.Length; width *= 2)
        {
            for (int from = 0; from < items.Length; from += 2 * width)
            {
                int middle = Math.Min(from + width, items.Length), to = Math.Min(from + 2 * width, items.Length);
                for (int left = from, right = middle, at = from; at < to; at++)
                {
                    bool takesRight = right < to && (left == middle || items[right] < items[left]);
                    if (takesRight) inversions += middle - left;
                    merged[at] = takesRight ? items[right++] : items[left++];
                }
            }
            (items, merged) = (merged, items);
        }
        return inversions;
    }
}
