using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

/// <summary>Values worked out by hand.</summary>
public sealed class MeasureTests
{
    /// <summary>A ranking of the documents a, b, c… and labels such as <c>a2 c-1</c>.</summary>
    static JudgedRanking Ranking(string documents, string labels) => new(
        new RankedList("q", [.. documents.Select((d, i) => new RankedDocument($"{d}", -i))]),
        labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(l => l[..1], l => int.Parse(l[1..])));

    [Theory]
    // Relevant at ranks 2 and 4 of 5; three relevant in all, e is not retrieved.
    [InlineData("RR", 1.0 / 2)]
    [InlineData("RR@1", 0)]
    [InlineData("RR(rel=2)", 1.0 / 4)]
    [InlineData("AP", (1.0 / 2 + 2.0 / 4) / 3)]
    [InlineData("AP@2", 1.0 / 2 / 3)]
    [InlineData("AP(rel=2)", 1.0 / 4 / 2)]
    [InlineData("P@1", 0)]
    [InlineData("P@2", 1.0 / 2)]
    [InlineData("P@10", 2.0 / 10)]
    [InlineData("P(rel=2)@5", 1.0 / 5)]
    [InlineData("R@1", 0)]
    [InlineData("R@4", 2.0 / 3)]
    [InlineData("R(rel=2)@100", 1.0 / 2)]
    [InlineData("Success@1", 0)]
    [InlineData("Success@2", 1)]
    [InlineData("Success(rel=3)@5", 0)]
    // Gains: b 1 at rank 2, d 2 at rank 4; ideal 2, 2, 1. log2(3) is 1.584962500721156.
    [InlineData("nDCG", (1 / 1.584962500721156 + 2.0 / 2.321928094887362) / (2 + 2 / 1.584962500721156 + 1.0 / 2))]
    [InlineData("nDCG@2", 1 / 1.584962500721156 / (2 + 2 / 1.584962500721156))]
    [InlineData("nDCG@1", 0)]
    public void Values_are_those_of_the_definitions(string measure, double value) =>
        Assert.Equal(value, Measure.Parse(measure).Of(Ranking("abcdx", "a0 b1 c-1 d2 e2")), 12);

    [Theory]
    [InlineData("nDCG@10")]
    [InlineData("nDCG")]
    [InlineData("RR")]
    [InlineData("AP")]
    [InlineData("P@3")]
    [InlineData("R@3")]
    [InlineData("Success@3")]
    public void A_query_with_nothing_relevant_or_nothing_retrieved_is_worth_zero(string measure)
    {
        Assert.Equal(0, Measure.Parse(measure).Of(Ranking("abc", "a0 b-2")));
        Assert.Equal(0, Measure.Parse(measure).Of(Ranking("abc", "")));
        Assert.Equal(0, Measure.Parse(measure).Of(Ranking("", "a1")));
    }

    [Theory]
    [InlineData("nDCG@2")]
    [InlineData("nDCG")]
    [InlineData("RR")]
    [InlineData("AP")]
    [InlineData("R@3")]
    [InlineData("Success@1")]
    public void A_perfect_ranking_is_worth_one(string measure) =>
        Assert.Equal(1, Measure.Parse(measure).Of(Ranking("cabx", "a1 b1 c3")), 12);

    [Fact]
    public void Negative_labels_gain_and_cost_nothing() =>
        Assert.Equal(1, new NDcg(10).Of(Ranking("ab", "a1 b-3 c-1")));
}
