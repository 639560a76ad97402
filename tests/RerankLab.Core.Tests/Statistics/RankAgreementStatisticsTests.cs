using RerankLab.Core.Statistics;

namespace RerankLab.Core.Tests.Statistics;

public class RankAgreementStatisticsTests
{
    [Fact]
    public void Tau_is_scipys()
    {
        // scipy 1.10.1: kendalltau([1,2,3,4,5,6,7,8], [3,1,2,6,4,8,5,7]).correlation
        Assert.Equal(0.5714285714285714, KendallTau.Of(new PairedRanking([2, 0, 1, 5, 3, 7, 4, 6], 8))!.Value, 1e-15);
        // scipy 1.10.1: kendalltau(range(101), [37*i % 101 for i in range(101)]).correlation
        var ranks = Enumerable.Range(0, 101).Select(i => 37 * i % 101).ToArray();
        Assert.Equal(0.030495049504950498, KendallTau.Of(new PairedRanking(ranks, 101))!.Value, 1e-15);
    }

    [Fact]
    public void Tau_is_over_the_common_items()
    {
        Assert.Equal(1, KendallTau.Of(PairedRanking.Of(["a", "x", "b", "c"], ["a", "b", "y", "z", "c"])));
        Assert.Equal(-1, KendallTau.Of(PairedRanking.Of(["a", "b", "c"], ["c", "b", "a"])));
        Assert.Null(KendallTau.Of(PairedRanking.Of(["a", "b"], ["b", "c"])));
        Assert.Null(KendallTau.Of(PairedRanking.Of([], [])));
    }

    [Fact]
    public void Rbo_is_as_by_hand()
    {
        // Agreements 0, 1, 2/3 at depths 1 to 3: 0.1/0.9 * (1 * 0.81 + 2/3 * 0.729) + 2/3 * 0.729.
        Assert.Equal(0.63, RankBiasedOverlap.Of(PairedRanking.Of(["a", "b", "c"], ["b", "a", "d"]))!.Value, 1e-12);
        // One item against two, p = 0.5: agreements 1 and, extrapolated, (1 + 1) / 2: the same as far as can be seen.
        Assert.Equal(1, RankBiasedOverlap.Of(PairedRanking.Of(["a"], ["a", "b"]), 0.5)!.Value, 1e-12);
        Assert.Equal(0, RankBiasedOverlap.Of(PairedRanking.Of(["a"], ["b"])));
        Assert.Equal(0, RankBiasedOverlap.Of(PairedRanking.Of([], ["b"])));
        Assert.Null(RankBiasedOverlap.Of(PairedRanking.Of([], [])));
    }

    [Fact]
    public void Both_agree_with_their_definitions_and_are_symmetric()
    {
        var random = new Random(11);
        for (int round = 0; round < 300; round++)
        {
            var (a, b) = (RandomRanking(random), RandomRanking(random));
            var (there, back) = (PairedRanking.Of(a, b), PairedRanking.Of(b, a));

            Assert.Equal(TauByPairs(a, b), KendallTau.Of(there));
            Assert.Equal(KendallTau.Of(there), KendallTau.Of(back));
            foreach (double p in new[] { 0.5, 0.9, 0.98 })
            {
                double rbo = RankBiasedOverlap.Of(there, p)!.Value;
                Assert.Equal(RboByDefinition(a, b, p), rbo, 1e-9);
                Assert.Equal(rbo, RankBiasedOverlap.Of(back, p)!.Value, 1e-12);
                Assert.InRange(rbo, 0, 1 + 1e-12);
                Assert.Equal(1, RankBiasedOverlap.Of(PairedRanking.Of(a, a), p)!.Value, 1e-9);
            }
        }
    }

    static string[] RandomRanking(Random random)
    {
        var items = Enumerable.Range(0, 40).Select(i => $"d{i}").ToArray();
        random.Shuffle(items);
        return items[..random.Next(1, 40)];
    }

    static double? TauByPairs(string[] a, string[] b)
    {
        var common = a.Intersect(b).ToArray();
        int score = 0, pairs = 0;
        for (int i = 0; i < common.Length; i++)
            for (int j = i + 1; j < common.Length; j++, pairs++)
                score += Array.IndexOf(b, common[i]) < Array.IndexOf(b, common[j]) ? 1 : -1;
        return pairs == 0 ? null : 1 - 4.0 * ((pairs - score) / 2) / (2.0 * pairs);
    }

    /// <summary>
    /// The infinite sum of (1-p) p^(d-1) times the agreement at depth d: seen down to the shorter list, with the unseen part of
    /// that list agreeing as its seen part did down to the longer, constant below (section 4.2 of the paper).
    /// </summary>
    static double RboByDefinition(string[] a, string[] b, double p)
    {
        int shorter = Math.Min(a.Length, b.Length), longer = Math.Max(a.Length, b.Length);
        double rbo = 0, weight = 1 - p, agreement = 0;
        double seen = a.Take(shorter).Intersect(b.Take(shorter)).Count();
        for (int depth = 1; depth <= 3000; depth++, weight *= p)
        {
            if (depth <= longer)
                agreement = (a.Take(depth).Intersect(b.Take(depth)).Count() + Math.Max(0, depth - shorter) * seen / shorter) / depth;
            rbo += weight * agreement;
        }
        return rbo;
    }
}
