namespace RerankLab.Core.Statistics;

/// <summary>Two rankings of one query, item by item.</summary>
/// <param name="Ranks">
/// For each item of the first ranking, best first, its rank from 0 in the second; -1 where it is not there.
/// </param>
/// <param name="Length">Items of the second ranking.</param>
public sealed record PairedRanking(int[] Ranks, int Length)
{
    /// <summary>Pairs rankings of distinct items, best first.</summary>
    public static PairedRanking Of(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        var ranks = new Dictionary<string, int>(second.Count);
        for (int rank = 0; rank < second.Count; rank++) ranks.Add(second[rank], rank);
        return new PairedRanking([.. first.Select(item => ranks.GetValueOrDefault(item, -1))], second.Count);
    }
}
