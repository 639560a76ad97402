using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class TruncationTests
{
    /// <summary>
    /// Token by token: the longer text loses its last one; of two that are equally long it is the one that was shorter
    /// at first, or the query where neither was.
    /// </summary>
    static (int, int) CutSlowly(int query, int passage, int budget)
    {
        bool queryYields = query <= passage;
        while (query + passage > budget)
            if (query > passage || (query == passage && queryYields)) query--;
            else passage--;
        return (query, passage);
    }

    [Fact]
    public void Longest_first_keeps_what_taking_token_by_token_keeps()
    {
        for (int query = 0; query <= 24; query++)
            for (int passage = 0; passage <= 24; passage++)
                for (int budget = 0; budget <= 50; budget++)
                    Assert.Equal(CutSlowly(query, passage, budget),
                        Truncation.LongestFirst.Cut(query, passage, budget));
    }

    [Fact]
    public void No_cut_is_over_its_budget_or_longer_than_the_text_and_none_wastes_room()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            var (query, passage, budget) = (random.Next(0, 700), random.Next(0, 3000), random.Next(5, 1100));
            foreach (var rule in new[] { Truncation.LongestFirst, Truncation.OnlySecond })
            {
                if (rule == Truncation.OnlySecond && query >= budget) continue;
                var kept = rule.Cut(query, passage, budget);
                Assert.InRange(kept.Query, 0, query);
                Assert.InRange(kept.Passage, 0, passage);
                Assert.Equal(Math.Min(budget, query + passage), kept.Query + kept.Passage);
                if (rule == Truncation.LongestFirst) Assert.Equal(CutSlowly(query, passage, budget), kept);
                else Assert.Equal(query, kept.Query);
            }
        }
    }

    [Theory]
    [InlineData(10, 500)]
    [InlineData(10, 1)]
    public void Only_second_refuses_a_query_that_leaves_no_room_for_its_passage(int budget, int passage)
    {
        Assert.Equal((9, 1), Truncation.OnlySecond.Cut(9, passage, budget));
        var error = Assert.Throws<UserError>(() => Truncation.OnlySecond.Cut(10, passage, budget));
        Assert.Equal("a query of 10 tokens leaves no room for its passage in 10 tokens", error.Message);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Rules_are_named_as_hugging_face_names_them()
    {
        Assert.Equal("longest_first", Truncation.LongestFirst.Name());
        Assert.Equal("only_second", Truncation.OnlySecond.Name());
    }
}
