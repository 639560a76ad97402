using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class MissingPairsTests
{
    static MissingPairs Of(Core.Datasets.Dataset dataset, Action<PairScores>? know = null)
    {
        var keys = PairKeys.Of(dataset);
        var scores = new PairScores(keys);
        know?.Invoke(scores);
        return MissingPairs.Of(dataset, keys, scores);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 0)]
    [InlineData(10, 1)]
    [InlineData(19, 1)]
    [InlineData(20, 2)]
    [InlineData(49, 2)]
    [InlineData(50, 3)]
    [InlineData(99, 3)]
    [InlineData(100, 4)]
    [InlineData(199, 4)]
    [InlineData(200, 5)]
    [InlineData(499, 5)]
    [InlineData(500, 6)]
    [InlineData(999, 6)]
    [InlineData(1000, 7)]
    [InlineData(int.MaxValue, 26)]
    public void Depth_bands_end_at_10_20_50_100_and_so_on(int rank, int band) => Assert.Equal(band, DepthBand.Of(rank));

    [Fact]
    public void Each_distinct_pair_is_wanted_once_at_its_best_rank()
    {
        var missing = Of(Given.Dataset(("q", ["a", "b", "a"]), ("q", ["b", "c"]), ("r", ["a"])));
        Assert.Equal(4, missing.DistinctPairs);
        Assert.Equal(0, missing.Hits);
        Assert.Equal([(0, 0), (1, 0), (1, 1), (2, 0)], missing.Pairs.Select(p => (p.Query, p.Candidate)));
    }

    [Fact]
    public void Texts_that_join_alike_are_different_pairs() =>
        Assert.Equal(2, Of(Given.Dataset(("a_b", ["c"]), ("a", ["b_c"]))).Pairs.Count);

    [Fact]
    public void Known_pairs_are_hits()
    {
        var missing = Of(Given.Dataset(("q", ["a", "b"]), ("r", ["a"])), scores => scores.Set(0, 1, -1, 3));
        Assert.Equal((3, 1), (missing.DistinctPairs, missing.Hits));
        Assert.Equal([(0, 0), (1, 0)], missing.Pairs.Select(p => (p.Query, p.Candidate)));
    }

    [Fact]
    public void A_pair_met_again_at_a_better_rank_is_wanted_that_early()
    {
        string[] many = [.. Enumerable.Range(0, 12).Select(i => $"p{i:00}")];
        var missing = Of(Given.Dataset(("q", many), ("q", ["p11"])));
        Assert.Equal(12, missing.Pairs.Count);
        Assert.Contains((1, 0), missing.Pairs.Take(11).Select(p => (p.Query, p.Candidate)));
        Assert.Equal((0, 10), (missing.Pairs[11].Query, missing.Pairs[11].Candidate));
    }

    [Fact]
    public void Random_candidates_with_repetitions_and_absent_texts_give_what_the_definition_says()
    {
        var random = new Random(20_261_126);
        for (int round = 0; round < 200; round++)
        {
            var dataset = Given.Dataset([.. Enumerable.Range(0, random.Next(0, 8)).Select(_ => ($"query {random.Next(3)}",
                Enumerable.Range(0, random.Next(0, 40)).Select(_ => new string('长', random.Next(12))).ToArray()))]);
            var keys = PairKeys.Of(dataset);
            var scores = new PairScores(keys);
            var known = new HashSet<(long, PairKey)>();
            for (int q = 0; q < keys.Length; q++)
                for (int c = 0; c < keys[q].Pairs.Length; c++)
                {
                    if (random.Next(5) == 0) known.Add((keys[q].Query, keys[q].Pairs[c]));
                    if (random.Next(9) == 0) dataset.CandidateTexts[q].Passages[c] = Core.Datasets.TextPool.Absent;
                }
            for (int q = 0; q < keys.Length; q++)
                for (int c = 0; c < keys[q].Pairs.Length; c++)
                    if (known.Contains((keys[q].Query, keys[q].Pairs[c]))) scores.Set(q, c, 1, 1);

            var (expected, actual) = (ByDefinition(dataset, keys, scores), MissingPairs.Of(dataset, keys, scores));
            Assert.Equal(expected.Pairs, actual.Pairs);
            Assert.Equal((expected.DistinctPairs, expected.Repeated, expected.WithoutText, expected.Hits),
                (actual.DistinctPairs, actual.Repeated, actual.WithoutText, actual.Hits));
        }
    }

    /// <summary>Each pair one by one, with sets of all pairs.</summary>
    static MissingPairs ByDefinition(Core.Datasets.Dataset dataset, QueryKeys[] keys, PairScores scores)
    {
        var (seen, missing) = (new HashSet<(long, PairKey)>(), new Dictionary<(long, PairKey), MissingPair>());
        for (int q = 0; q < keys.Length; q++)
            for (int c = 0; c < keys[q].Pairs.Length; c++)
            {
                var (texts, key) = (dataset.CandidateTexts[q], (keys[q].Query, keys[q].Pairs[c]));
                bool isNew = seen.Add(key);
                if (!scores.Has(q, c) && (isNew || missing[key].Candidate > c))
                    missing[key] = new MissingPair(q, c, dataset.Texts.Length(texts.Query) + dataset.Texts.Length(texts.Passages[c]));
            }
        var ordered = missing.Values.OrderBy(m => DepthBand.Of(m.Candidate)).ThenByDescending(m => m.Bytes)
            .ThenBy(m => m.Query).ThenBy(m => m.Candidate);
        int withoutText = missing.Values.Count(m =>
            dataset.CandidateTexts[m.Query].Passages[m.Candidate] == Core.Datasets.TextPool.Absent);
        return new MissingPairs([.. ordered], seen.Count, keys.Sum(k => k.Pairs.Length) - seen.Count, withoutText);
    }

    [Fact]
    public void Pairs_are_ordered_by_depth_band_then_longest_first_then_as_they_stand()
    {
        var random = new Random(9);
        var dataset = Given.Dataset([.. Enumerable.Range(0, 20).Select(q =>
            ($"query {q}", Enumerable.Range(0, 120).Select(p => $"{q} {p} {new string('长', random.Next(0, 30))}")
                .ToArray()))]);
        var pairs = Of(dataset).Pairs;

        Assert.Equal(2400, pairs.Count);
        Assert.Equal(pairs.OrderBy(p => DepthBand.Of(p.Candidate)).ThenByDescending(p => p.Bytes).ThenBy(p => p.Query)
            .ThenBy(p => p.Candidate), pairs);
        foreach (var pair in pairs)
        {
            var texts = dataset.CandidateTexts[pair.Query];
            Assert.Equal((dataset.Texts[texts.Query] + dataset.Texts[texts.Passages[pair.Candidate]]).Utf8().Length,
                pair.Bytes);
        }
        Assert.All(pairs.Take(200), p => Assert.InRange(p.Candidate, 0, 9));
        Assert.Equal(pairs, Of(dataset).Pairs);
    }
}
