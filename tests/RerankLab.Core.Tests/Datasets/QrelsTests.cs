using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class QrelsTests
{
    static readonly int[] Labels = [0, 1, 2, -1, 63, 64, -65, 100_000, int.MaxValue, int.MinValue];

    /// <summary>Judgements of random documents, of which some are candidates, and the same in dictionaries.</summary>
    static (Qrels Qrels, Dictionary<string, Dictionary<string, int>> Expected, List<CandidateQuery> Candidates) Random(int seed)
    {
        var (random, qrels, candidates) = (new Random(seed), new Qrels(), new List<CandidateQuery>());
        var expected = new Dictionary<string, Dictionary<string, int>>();
        for (int i = 0; i < 4_000; i++)
        {
            var (query, document) = ($"q{random.Next(20)}", $"{Ground.RandomText(random, 2)}{random.Next(200)}");
            int label = random.GetItems(Labels, 1)[0];
            if (!expected.TryGetValue(query, out var labels)) expected.Add(query, labels = []);
            Assert.Equal(labels.TryAdd(document, label), qrels.Add(query, document, label));
        }
        for (int q = 0; q < 30; q += 2)
        {
            string[] judged = expected.TryGetValue($"q{q}", out var labels) ? [.. labels.Keys] : [];
            string[] documents = [.. judged.Where(_ => random.Next(10) < q / 2), .. Enumerable.Range(0, q).Select(d => $"unjudged {d}")];
            random.Shuffle(documents);
            candidates.Add(new CandidateQuery($"q{q}", [.. documents], null));
        }
        return (qrels, expected, candidates);
    }

    static void AssertEqual(Dictionary<string, Dictionary<string, int>> expected, Qrels qrels)
    {
        Assert.Equal(expected.Keys, qrels.Queries);
        foreach (var (query, labels) in expected)
        {
            var actual = qrels.Of(query)!;
            Assert.Equal(labels.ToArray(), actual.ToArray());
            Assert.Equal(labels.Count, actual.Count);
            Assert.Equal(labels.Keys, actual.Keys);
            Assert.Equal(labels.Values, actual.Values);
            Assert.All(labels, l => Assert.Equal(l.Value, actual[l.Key]));
            Assert.False(actual.ContainsKey("unjudged 0"));
        }
        Assert.Null(qrels.Of("q99"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Sharing_ids_with_the_candidates_changes_no_judgement(int seed)
    {
        var (qrels, expected, candidates) = Random(seed);
        AssertEqual(expected, qrels);
        qrels.ShareIds(candidates);
        AssertEqual(expected, qrels);
    }

    [Fact]
    public void Judgements_can_be_added_to_a_query_whose_ids_are_shared()
    {
        var qrels = new Qrels();
        foreach (var (document, label) in new[] { ("b", 1), ("outside", 2), ("a", 0) }) qrels.Add("q", document, label);
        qrels.ShareIds([new CandidateQuery("q", ["a", "b", "c"], null)]);

        Assert.False(qrels.Add("q", "a", 5));
        Assert.True(qrels.Add("q", "c", 3));
        Assert.True(qrels.Add("r", "a", 4));
        Assert.Equal([new("b", 1), new("outside", 2), new("a", 0), new("c", 3)], qrels.Of("q")!);
        Assert.Equal(["q", "r"], qrels.Queries);
    }
}
