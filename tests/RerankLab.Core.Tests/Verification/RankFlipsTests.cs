using RerankLab.Core.Datasets;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Verification;

public sealed class RankFlipsTests
{
    static RescoredPair Pair(string document, float cached, float rescored) => new("q", document, cached, rescored, 1, 1);

    [Fact]
    public void Two_candidates_that_change_places_are_one_flip()
    {
        Assert.Equal(new RankFlips(1, 3, 1, 1), RankFlips.Of([[Pair("a", 3, 3), Pair("b", 2, 1), Pair("c", 1, 2)]]));
        Assert.Equal(new RankFlips(3, 3, 1, 1), RankFlips.Of([[Pair("a", 3, 1), Pair("b", 2, 2), Pair("c", 1, 3)]]));
    }

    [Fact]
    public void Candidates_of_different_queries_are_not_compared()
    {
        Assert.Equal(new RankFlips(0, 0, 0, 0), RankFlips.Of([[Pair("a", 3, 1)], [Pair("b", 2, 2)]]));
    }

    [Fact]
    public void A_tie_is_in_the_order_of_the_document_ids_which_a_small_difference_can_turn()
    {
        Assert.Equal(1, RankFlips.Of([[Pair("a", 1, 1.0000001f), Pair("b", 1, 1)]]).Flips);
        Assert.Equal(0, RankFlips.Of([[Pair("a", 1, 1), Pair("b", 1, 1.0000001f)]]).Flips);
    }

    [Fact]
    public void What_is_not_finite_has_no_order()
    {
        Assert.Equal(new RankFlips(0, 1, 0, 1), RankFlips.Of([[Pair("a", 3, 3), Pair("b", 2, float.NaN), Pair("c", 1, 1)]]));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Flips_are_those_that_looking_at_every_two_candidates_finds(int seed)
    {
        var random = new Random(seed);
        // Few distinct logits, so that there are ties.
        var queries = Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, random.Next(0, 40))
            .Select(d => Pair($"d{d}", random.Next(8), random.Next(8))).ToArray()).ToArray();

        long flips = 0, pairs = 0;
        foreach (var query in queries)
            for (int i = 0; i < query.Length; i++)
                for (int j = 0; j < i; j++)
                {
                    var (a, b) = (query[i], query[j]);
                    pairs++;
                    if (TotalOrder.Compare(a.Cached, a.Document, b.Cached, b.Document) > 0
                        != TotalOrder.Compare(a.Rescored, a.Document, b.Rescored, b.Document) > 0) flips++;
                }

        var found = RankFlips.Of(queries);
        Assert.Equal((flips, pairs), (found.Flips, found.Pairs));
        Assert.Equal(queries.Count(q => q.Length > 1), found.Queries);
    }
}
