using RerankLab.Core.Datasets;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Ranking;

public sealed class RankedListTests
{
    static readonly CandidateQuery Query = new("q", ["a", "b", "c", "d"], [4, 3, 2, 1]);

    static string Ids(RankedList list) => string.Concat(list.Documents.Select(d => d.Id));

    [Fact]
    public void Logits_order_descending_and_ties_by_id_descending()
    {
        var list = RankedList.ByScore(Query, [-1, 0.5f, 0.5f, 7], 4);
        Assert.Equal("q", list.Query);
        Assert.Equal([new("d", 7), new("c", 0.5), new("b", 0.5), new("a", -1)], list.Documents);
    }

    [Fact]
    public void Candidates_without_a_logit_take_no_part() =>
        Assert.Equal("ca", Ids(RankedList.ByScore(Query, [1, float.NaN, 2, float.NaN], 4)));

    [Theory]
    [InlineData(0, "")]
    [InlineData(2, "ba")]
    [InlineData(4, "dcba")]
    [InlineData(99, "dcba")]
    public void Only_candidates_down_to_the_depth_take_part(int depth, string ids) =>
        Assert.Equal(ids, Ids(RankedList.ByScore(Query, [1, 2, 3, 4], depth)));

    [Fact]
    public void The_first_stage_keeps_its_order_and_scores()
    {
        Assert.Equal([new("a", 4), new("b", 3)], RankedList.ByFirstStage(Query, 2).Documents);
        var plain = RankedList.ByFirstStage(Query with { FirstStageScores = null }, 3);
        Assert.Equal("abc", Ids(plain));
        Assert.Equal(plain.Documents.Select(d => d.Score).OrderDescending(), plain.Documents.Select(d => d.Score));
    }

    [Theory]
    [InlineData(0f, 0.5)]
    [InlineData(2f, 0.88079707797788243)]
    [InlineData(-2f, 0.11920292202211755)]
    [InlineData(-800f, 0)]
    [InlineData(800f, 1)]
    public void Sigmoid_is_the_logistic_function(float logit, double value)
    {
        Assert.Equal(value, Activation.Sigmoid.Apply(logit), 15);
        Assert.Equal(logit, Activation.None.Apply(logit));
    }
}
