using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Verification;

public sealed class VerificationSampleTests
{
    static readonly ScoringSession Big = Remembered.Session("big"), Small = Remembered.Session("small");

    static List<CachedPair> Draw(Remembered remembered, int? size, ulong seed = 42) =>
        VerificationSample.Draw(remembered.Cached, remembered.Dataset, remembered.Scores, size, seed);

    [Fact]
    public void The_seed_decides_what_is_drawn()
    {
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Repeat(10, 40)]), (_, _) => Big);
        Assert.Equal(Draw(remembered, 50, seed: 1), Draw(remembered, 50, seed: 1));
        Assert.NotEqual(Draw(remembered, 50, seed: 1), Draw(remembered, 50, seed: 2));
    }

    [Fact]
    public void The_default_seed_draws_these_queries_on_every_machine()
    {
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Repeat(10, 40)]), (_, _) => Big);
        Assert.Equal(Drawn, Draw(remembered, 50).Select(p => p.Query).Distinct());
    }

    static readonly int[] Drawn = [9, 22, 23, 21, 28];

    [Fact]
    public void All_are_drawn_where_all_are_asked_for_or_more_than_there_are()
    {
        var remembered = new Remembered(Remembered.Words(3, 4), (_, _) => Big);
        Assert.Equal(7, Draw(remembered, null).Count);
        Assert.Equal(7, Draw(remembered, 1000).Count);
    }

    [Fact]
    public void Short_queries_are_drawn_whole()
    {
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Repeat(12, 50)]), (_, _) => Big);
        var byQuery = Draw(remembered, 60).GroupBy(p => p.Query).ToList();
        Assert.Equal(5, byQuery.Count);
        Assert.All(byQuery, q => Assert.Equal(12, q.Count()));
    }

    [Fact]
    public void Of_a_long_query_neighbours_in_the_ranking_are_drawn()
    {
        var random = new Random(4);
        // Ranked otherwise than listed.
        var remembered = new Remembered(Remembered.Words(500, 500, 500), (_, _) => Big, (_, _) => random.NextSingle());
        var sample = Draw(remembered, 60);
        Assert.Equal(60, sample.Count);
        foreach (var query in sample.GroupBy(p => p.Query))
        {
            var ranking = remembered.Scores.Logits[query.Key].Index().OrderByDescending(l => l.Item).Select(l => l.Index).ToList();
            var ranks = query.Select(p => ranking.IndexOf(p.Candidate)).ToList();
            foreach (var block in ranks.Chunk(VerificationSample.BlockSize))
                Assert.Equal(Enumerable.Range(block[0], block.Length), block);
        }
    }

    [Fact]
    public void Every_session_gets_the_same_share_and_what_a_small_one_leaves_goes_to_the_others()
    {
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Repeat(10, 100)]), (q, c) => q == 7 && c < 4 ? Small : Big);
        Assert.Equal((4, 96), Shares(100));
        Assert.Equal((3, 3), Shares(6));
        Assert.Equal((1, 1), Shares(1));

        (int, int) Shares(int size)
        {
            var sample = Draw(remembered, size);
            return (sample.Count(p => p.Session == Small), sample.Count(p => p.Session == Big));
        }
    }

    [Fact]
    public void A_query_that_two_sessions_scored_is_drawn_from_both()
    {
        // As after a run that was stopped: the first ranks from one session, the rest from the other.
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Repeat(10, 100)]), (_, c) => c < 5 ? Small : Big);
        var byQuery = Draw(remembered, 100).GroupBy(p => p.Query).ToList();
        Assert.Equal(10, byQuery.Count);
        Assert.All(byQuery, q => Assert.Equal(10, q.Count()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_sample_is_distinct_cached_pairs_of_every_session_and_of_the_size_asked_for(int seed)
    {
        var random = new Random(seed);
        var sessions = Enumerable.Range(0, random.Next(1, 6)).Select(i => Remembered.Session($"s{i}")).ToArray();
        var remembered = new Remembered(Remembered.Words([.. Enumerable.Range(0, 60).Select(_ => random.Next(0, 60))]),
            (_, _) => random.Next(10) == 0 ? null : sessions[Math.Min(random.Next(sessions.Length), random.Next(sessions.Length))],
            (_, _) => random.NextSingle());
        var cached = remembered.Cached;
        foreach (int size in new[] { sessions.Length, 10, 100, 777, cached.Count - 1 })
        {
            var sample = Draw(remembered, size, (ulong)seed);
            Assert.Equal(Math.Max(size, sessions.Length), sample.Count);
            Assert.Equal(sample.Count, sample.Distinct().Count());
            Assert.Empty(sample.Except(cached));
            Assert.Equal(cached.Select(p => p.Session).Distinct().Count(), sample.Select(p => p.Session).Distinct().Count());
        }
    }

    [Fact]
    public void Equal_texts_are_one_pair_and_what_has_no_score_is_none()
    {
        var dataset = Scoring.Given.Dataset(("query0", ["p0-0", "p0-1", "p0-0"]), ("query0", ["p0-1", "p0-2"]));
        var remembered = new Remembered(dataset, (_, _) => Big);
        Assert.Equal([(0, 0), (0, 1), (1, 1)], remembered.Cached.Select(p => (p.Query, p.Candidate)));
        Assert.Empty(new Remembered(dataset, (_, _) => null).Cached);
    }
}
