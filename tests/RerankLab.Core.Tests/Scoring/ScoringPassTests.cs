using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class ScoringPassTests
{
    readonly MemoryCache _cache = new();

    ScoringCounts Run(Dataset dataset, IPairScorer scorer, int? batchTokens = null,
        IProgress<ScoringProgress>? progress = null,
        CancellationTokenSource? stop = null)
    {
        var keys = PairKeys.Of(dataset);
        var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
        return new ScoringPass(dataset, keys, scorer, _cache).Run([.. missing.Pairs], batchTokens, progress,
            stop?.Token ?? TestContext.Current.CancellationToken);
    }

    static Dataset Random(int queries, int depth)
    {
        var random = new Random(21);
        return Given.Dataset([.. Enumerable.Range(0, queries).Select(q =>
            ($"query {q}", Enumerable.Range(0, depth)
                .Select(p => $"p{q}-{p}" + string.Concat(Enumerable.Repeat(" w", random.Next(0, 40)))).ToArray()))]);
    }

    [Fact]
    public void Every_pair_is_scored_once_and_written_under_its_key()
    {
        var dataset = Random(30, 25);
        var scorer = new WordScorer((query, passage) => query.Length + passage.Length / 1000f);
        Run(dataset, scorer);

        Assert.Equal(750, _cache.Added.Count);
        Assert.Equal(750, scorer.Batches.SelectMany(b => b).Distinct().Count());
        Assert.Equal(scorer.Batches.Count, _cache.BatchesEnded);
        var keys = PairKeys.Of(dataset);
        var scores = new PairScores(keys);
        _cache.Find(null!, keys, scores);
        for (int q = 0; q < 30; q++)
            for (int c = 0; c < 25; c++)
            {
                var texts = dataset.CandidateTexts[q];
                var (query, passage) = (dataset.Texts[texts.Query], dataset.Texts[texts.Passages[c]]);
                Assert.Equal(query.Length + passage.Length / 1000f, scores.Logits[q][c]);
                Assert.Equal(query.Split(' ').Length + passage.Split(' ').Length, scores.Tokens[q][c]);
            }
    }

    [Fact]
    public void Shallower_ranks_are_scored_first_and_each_batch_has_pairs_of_like_length()
    {
        var scorer = new WordScorer((_, _) => 0);
        Run(Random(30, 25), scorer);
        var ranks = scorer.Batches.Select(b =>
            b.Select(p => DepthBand.Of(int.Parse(p.Split(' ')[0].Split('-')[1]))).ToList()).ToList();
        Assert.All(ranks, r => Assert.Single(r.Distinct()));
        Assert.Equal(ranks.Select(r => r[0]).Order(), ranks.Select(r => r[0]));
        Assert.All(scorer.Batches, b =>
            Assert.Equal(b.Select(p => p.Split(' ').Length).OrderDescending(), b.Select(p => p.Split(' ').Length)));
    }

    [Fact]
    public void Tokens_are_counted_as_the_scorer_saw_them_and_padding_beside_them()
    {
        // Lengths 6, 4 and 3, the budget holds two of 6: batches (6, 4) and (3).
        var scorer = new WordScorer((_, _) => 1) { MaxLength = 6 };
        var told = new List<ScoringProgress>();
        var counts = Run(Given.Dataset(("q", ["a b c", "a b c d e f g h i", "a b"])), scorer, batchTokens: 12,
            new Told(told));
        Assert.Equal(new ScoringCounts(3, 13, 15), counts);
        Assert.Equal([new ScoringProgress(2, 3), new ScoringProgress(3, 3)], told);
        Assert.Equal([10, 4, 3], _cache.Added.Select(a => a.Tokens));
    }

    sealed class Told(List<ScoringProgress> told) : IProgress<ScoringProgress>
    {
        public void Report(ScoringProgress value) => told.Add(value);
    }

    [Fact]
    public void Without_a_budget_of_the_user_the_scorers_own_holds()
    {
        var scorer = new WordScorer((_, _) => 1) { BatchTokens = 4 };
        Run(Given.Dataset(("q", ["a", "b", "c", "d", "e"])), scorer);
        Assert.Equal([2, 2, 1], scorer.Batches.Select(b => b.Length));
    }

    [Fact]
    public void Nothing_missing_scores_nothing() =>
        Assert.Equal(ScoringCounts.None, Run(Given.Dataset(), new WordScorer((_, _) => 1)));

    [Fact]
    public void A_stop_ends_the_pass_after_the_batch_under_way()
    {
        using var stop = new CancellationTokenSource();
        var scorer = new WordScorer((_, _) => 1)
        {
            BatchTokens = 4,
            AfterBatch = batch =>
            {
                if (batch == 2) stop.Cancel();
            },
        };
        var counts = Run(Given.Dataset(("q", ["a", "b", "c", "d", "e", "f", "g"])), scorer, stop: stop);
        Assert.Equal(new ScoringCounts(4, 8, 8), counts);
        Assert.Equal(4, _cache.Added.Count);
        Assert.Equal(2, _cache.BatchesEnded);
    }

    [Fact]
    public void A_stop_before_the_beginning_scores_nothing()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var scorer = new WordScorer((_, _) => 1);
        Assert.Equal(ScoringCounts.None, Run(Random(50, 10), scorer, stop: stop));
        Assert.Empty(scorer.Batches);
        Assert.True(scorer.Prepared.Count < 500);
        Assert.Empty(_cache.Added);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_no_finite_number_is_named_and_never_written(float bad)
    {
        var scorer = new WordScorer((_, passage) => passage == "two words" ? bad : 1);
        var dataset = Given.Dataset(("q", ["a"]), ("r", ["three words here", "two words", "one"]));
        var error = Assert.Throws<UserError>(() => Run(dataset, scorer, batchTokens: 3));
        Assert.Equal($"the model gave {bad} for query 'q1', document 'd1' (3 tokens); such a score is never stored",
            error.Message);
        Assert.Contains("fp16", error.Hint);
        // The longer pair had been scored before.
        Assert.Equal(1f, Assert.Single(_cache.Added).Logit);
    }

    [Fact]
    public void Minus_zero_is_written_as_zero()
    {
        Run(Given.Dataset(("q", ["a"])), new WordScorer((_, _) => -0f));
        Assert.Equal(0, BitConverter.SingleToInt32Bits(Assert.Single(_cache.Added).Logit));
    }

    [Fact]
    public void A_pair_that_cannot_be_prepared_is_the_users_error()
    {
        var error = Assert.ThrowsAny<Exception>(() => Run(Given.Dataset(("q", ["a", "b"])), new Refusing()));
        Assert.IsType<UserError>(error is AggregateException several ? several.InnerExceptions[0] : error);
    }

    sealed class Refusing : IPairScorer
    {
        public ScorerBackend Backend { get; } = new("memory", "none", new Dictionary<string, string>());
        public int BatchTokens => 10;
        public PreparedPair Prepare(string query, string passage) => throw new UserError("too long");
        public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits) => throw new NotSupportedException();
        public void Dispose() { }
    }
}
