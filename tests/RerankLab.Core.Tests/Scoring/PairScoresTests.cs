using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class PairScoresTests
{
    static PairScores Of(params int[] depths) => new([.. depths.Select((d, q) => new QueryKeys(q, new PairKey[d]))]);

    [Fact]
    public void At_first_nothing_is_scored()
    {
        var scores = Of(2, 3);
        Assert.False(scores.Has(1, 2));
        Assert.Equal(0, scores.CompleteDepth());
        scores.Set(1, 2, -1.5f, 40);
        Assert.True(scores.Has(1, 2));
        Assert.Equal((-1.5f, 40), (scores.Logits[1][2], scores.Tokens[1][2]));
    }

    [Fact]
    public void The_complete_depth_is_the_deepest_rank_that_every_query_reached()
    {
        var scores = Of(3, 5, 1);
        foreach (var (q, c) in new[] { (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 3), (2, 0) }) scores.Set(q, c, 1, 1);
        Assert.Equal(2, scores.CompleteDepth());
        scores.Set(1, 2, 1, 1);
        Assert.Equal(4, scores.CompleteDepth());
        scores.Set(1, 4, 1, 1);
        // A query with fewer candidates is complete at any depth.
        Assert.Equal(5, scores.CompleteDepth());
    }

    [Fact]
    public void Without_queries_the_depth_is_zero() => Assert.Equal(0, Of().CompleteDepth());

    [Fact]
    public void A_score_is_one_of_its_own_query_only()
    {
        var scores = Of(3, 3, 2);
        scores.Set(1, 2, 0.5f, 40);
        scores.Set(1, 0, 1.5f, 41);
        Assert.Equal([float.NaN, float.NaN, float.NaN], scores.Logits[0]);
        Assert.Equal([1.5f, float.NaN, 0.5f], scores.Logits[1]);
        Assert.Equal([[0, 0, 0], [41, 0, 40], [0, 0]], scores.Tokens);
        Assert.Equal(6, scores.Missing);
    }
}
