namespace RerankLab.Core.Statistics;

/// <summary>
/// Rank-biased overlap, extrapolated from lists of finite and perhaps unequal length: RBO_EXT, equation 32 of Webber, Moffat
/// and Zobel 2010, "A similarity measure for indefinite rankings". The weight of depth d falls as p^d: at the default
/// the first ten ranks carry 86 % of it.
/// </summary>
public static class RankBiasedOverlap
{
    public const double DefaultPersistence = 0.9;

    /// <summary>1 for the same ranking, 0 for nothing in common; null where both are empty.</summary>
    public static double? Of(PairedRanking pair, double persistence = DefaultPersistence)
    {
        int shorter = Math.Min(pair.Ranks.Length, pair.Length), longer = Math.Max(pair.Ranks.Length, pair.Length);
        if (longer == 0) return null;
        if (shorter == 0) return 0;

        // An item counts as common from the depth at which both rankings have reached it.
        var entering = new int[longer];
        for (int rank = 0; rank < pair.Ranks.Length; rank++)
            if (pair.Ranks[rank] >= 0) entering[Math.Max(rank, pair.Ranks[rank])]++;
        int common = 0, commonAtShorter = entering.Take(shorter).Sum();
        double sum = 0, weight = 1;
        for (int depth = 1; depth <= longer; depth++)
        {
            weight *= persistence;
            common += entering[depth - 1];
            double extrapolated = depth <= shorter ? 0 : commonAtShorter * (depth - shorter) / (double)shorter;
            sum += (common + extrapolated) / depth * weight;
        }
        double agreement = (common - commonAtShorter) / (double)longer + commonAtShorter / (double)shorter;
        return (1 - persistence) / persistence * sum + agreement * weight;
    }
}
