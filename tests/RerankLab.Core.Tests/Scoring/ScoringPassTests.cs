using System.Collections.Concurrent;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class ScoringPassTests
{
    readonly MemoryCache _cache = new();

    readonly Heard _heard = new();

    ScoringCounts Run(Dataset dataset, IPairScorer scorer, ScoringOptions? options = null,
        CancellationTokenSource? stop = null)
    {
        var keys = PairKeys.Of(dataset);
        var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
        return new ScoringPass(dataset, keys, scorer, _cache, _heard).Run(missing.Pairs,
            options ?? new ScoringOptions(), stop?.Token ?? TestContext.Current.CancellationToken);
    }

    sealed class Heard : IScoringObserver
    {
        public List<ScoringProgress> Progress { get; } = [];
        public ConcurrentQueue<string> Notes { get; } = [];

        public void Note(string sentence) => Notes.Enqueue(sentence);

        public void Report(ScoringProgress value) => Progress.Add(value);
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
        Assert.True(_cache.TimesLookedAfter >= scorer.Batches.Count);
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
        var counts = Run(Given.Dataset(("q", ["a b c", "a b c d e f g h i", "a b"])), scorer, new ScoringOptions(12));
        Assert.Equal((3, 13, 15), (counts.Scored, counts.Tokens, counts.PaddedTokens));
        Assert.Equal([new ScoringProgress(2, 3), new ScoringProgress(3, 3)], _heard.Progress);
        Assert.Equal([10, 4, 3], _cache.Added.Select(a => a.Tokens));
    }

    [Fact]
    public void Without_a_budget_of_the_user_the_scorers_own_holds()
    {
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(4, int.MaxValue, 1) };
        Run(Given.Dataset(("q", ["a", "b", "c", "d", "e"])), scorer);
        Assert.Equal([2, 2, 1], scorer.Batches.Select(b => b.Length));
    }

    [Fact]
    public void Nothing_missing_scores_nothing() =>
        Assert.Equal(0, Run(Given.Dataset(), new WordScorer((_, _) => 1)).Scored);

    [Fact]
    public void A_stop_ends_the_pass_after_the_batch_under_way()
    {
        using var stop = new CancellationTokenSource();
        var scorer = new WordScorer((_, _) => 1)
        {
            Limits = new BatchLimits(4, int.MaxValue, 1),
            AfterBatch = batch =>
            {
                if (batch == 2) stop.Cancel();
            },
        };
        var counts = Run(Given.Dataset(("q", ["a", "b", "c", "d", "e", "f", "g"])), scorer, stop: stop);
        Assert.Equal((4, 8, 8), (counts.Scored, counts.Tokens, counts.PaddedTokens));
        Assert.Equal(4, _cache.Added.Count);
    }

    [Fact]
    public void A_stop_before_the_beginning_scores_nothing()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var scorer = new WordScorer((_, _) => 1);
        Assert.Equal(0, Run(Random(50, 10), scorer, stop: stop).Scored);
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
        var error = Assert.Throws<UserError>(() => Run(dataset, scorer, new ScoringOptions(3)));
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
    public void Bad_logits_are_passed_over_counted_and_named_where_the_user_wants_it()
    {
        var scorer = new WordScorer((_, passage) => passage.EndsWith(" w", StringComparison.Ordinal) ? 1 : float.NaN);
        var dataset = Random(30, 25);
        var counts = Run(dataset, scorer, new ScoringOptions(SkipsBad: true));
        int bad = scorer.Batches.SelectMany(b => b).Count(p => !p.EndsWith(" w", StringComparison.Ordinal));
        Assert.InRange(bad, 11, 700);
        Assert.Equal((750 - bad, bad), (counts.Scored, counts.Bad.Count));
        Assert.Equal(750 - bad, _cache.Added.Count);
        Assert.All(_cache.Added, a => Assert.Equal(1, a.Logit));
        Assert.Equal(11, _heard.Notes.Count);
        Assert.All(_heard.Notes.Take(10), n => Assert.Matches("^the model gave NaN for query 'q[0-9]+', document 'd[0-9]+' \\([0-9]+ tokens\\): skipped$", n));
        Assert.Equal(750, _heard.Progress[^1].Scored);
    }

    [Fact]
    public void No_batch_has_more_pairs_than_the_user_or_the_scorer_allows()
    {
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(1000, 7, 1) };
        Run(Random(10, 10), scorer);
        Assert.Equal(7, scorer.Batches.Max(b => b.Length));
        scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(1000, 7, 1) };
        Run(Random(10, 10), scorer, new ScoringOptions(MaxBatch: 3));
        Assert.Equal(3, scorer.Batches.Max(b => b.Length));
    }

    [Fact]
    public void As_many_batches_are_in_flight_as_the_scorer_takes()
    {
        using var together = new Barrier(3);
        var scorer = new WordScorer((_, _) => 1)
        {
            Limits = new BatchLimits(12, int.MaxValue, 3),
            AfterBatch = batch =>
            {
                if (batch <= 3) Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(1)));
            },
        };
        Assert.Equal(750, Run(Random(30, 25), scorer).Scored);
        Assert.Equal(750, _cache.Added.DistinctBy(a => (a.Query, a.Pair)).Count());
    }

    [Fact]
    public void The_next_window_is_made_ready_while_one_is_scored()
    {
        WordScorer scorer = null!;
        int ready = 0;
        scorer = new WordScorer((_, _) => 1)
        {
            AfterBatch = batch =>
            {
                if (batch > 1) return;
                int wanted = Batches.FirstWindowSize * 3;
                SpinWait.SpinUntil(() => scorer.Prepared.Count >= wanted, TimeSpan.FromMinutes(1));
                ready = scorer.Prepared.Count;
            },
        };
        Run(Random(400, 10), scorer);
        Assert.True(ready >= Batches.FirstWindowSize * 3);
    }

    [Fact]
    public void Scores_are_looked_after_while_a_batch_takes_long()
    {
        int before = 0;
        var scorer = new WordScorer((_, _) => 1)
        {
            Limits = new BatchLimits(4, int.MaxValue, 1),
            AfterBatch = batch =>
            {
                if (batch != 2) return;
                before = _cache.TimesLookedAfter;
                Assert.True(SpinWait.SpinUntil(() => _cache.TimesLookedAfter > before + 1, TimeSpan.FromMinutes(1)));
            },
        };
        Run(Given.Dataset(("q", ["a", "b", "c", "d"])), scorer);
    }

    [Fact]
    public void A_batch_without_memory_is_halved_and_tried_again_and_nothing_is_lost()
    {
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(400, int.MaxValue, 1), Memory = () => 130 };
        Assert.Equal(750, Run(Random(30, 25), scorer).Scored);
        Assert.Equal(750, scorer.Batches.SelectMany(b => b).Distinct().Count());
        Assert.All(scorer.Failed, f => Assert.InRange(f.Padded, 131, 400));
        Assert.InRange(scorer.Failed.Count, 2, 10);
        Assert.Matches(@"^out of memory on a batch of [0-9]+ pairs \(([0-9]+) padded tokens\): going on with at most [0-9]+$",
            _heard.Notes.First());
    }

    [Fact]
    public void When_memory_comes_back_batches_grow_again()
    {
        WordScorer scorer = null!;
        scorer = new WordScorer((_, _) => 1)
        {
            Limits = new BatchLimits(64, int.MaxValue, 1),
            Memory = () => scorer.Batches.Count < 50 ? 16 : int.MaxValue,
        };
        var dataset = Given.Dataset([.. Enumerable.Range(0, 900).Select(q =>
            ($"q{q}", Enumerable.Range(0, 10).Select(p => $"a{p} b c").ToArray()))]);
        Run(dataset, scorer);
        Assert.Equal(12, scorer.Batches[0].Length + scorer.Batches[1].Length + scorer.Batches[2].Length);
        Assert.Equal(16, scorer.Batches.Max(b => b.Length));
    }

    [Fact]
    public void A_pair_that_alone_finds_no_memory_is_an_error_that_names_it_and_what_was_scored_is_kept()
    {
        var scorer = new WordScorer((_, _) => 1) { Memory = () => 5 };
        var dataset = Given.Dataset(("q", [.. Enumerable.Range(0, 10).Select(i => $"a{i}"), .. Enumerable.Range(0, 9)
            .Select(i => $"b{i}"), "c d e f g h"]));
        var error = Assert.Throws<UserError>(() => Run(dataset, scorer));
        Assert.Equal("out of memory on a single pair: query 'q0', document 'd19', 7 tokens: no memory", error.Message);
        Assert.Contains("max_length", error.Hint);
        Assert.Equal(10, _cache.Added.Count);
    }

    [Fact]
    public void A_pair_that_finds_no_memory_beside_others_is_scored_alone()
    {
        int inFlight = 0;
        var scorer = new InFlightScorer(() =>
        {
            try
            {
                if (Interlocked.Increment(ref inFlight) > 1)
                    throw new ScorerOutOfMemoryException("no memory", new OutOfMemoryException());
                Thread.Sleep(1);
            }
            finally
            {
                Interlocked.Decrement(ref inFlight);
            }
        });
        Assert.Equal(200, Run(Random(20, 10), scorer).Scored);
        Assert.Equal(200, _cache.Added.DistinctBy(a => (a.Query, a.Pair)).Count());
    }

    /// <summary>Single pairs, three at a time.</summary>
    sealed class InFlightScorer(Action score) : IPairScorer
    {
        sealed record Pair() : PreparedPair(1, 1);

        public ScorerBackend Backend { get; } = new("memory", "none", new Dictionary<string, string>());
        public BatchLimits Limits { get; } = new(1, 1, 3);
        public PreparedPair Prepare(string query, string passage) => new Pair();

        public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits)
        {
            score();
            logits.Fill(1);
        }

        public void Dispose() { }
    }

    [Fact]
    public void Whatever_happens_every_pair_is_written_once_under_its_key_or_counted_as_bad()
    {
        var random = new Random(77);
        for (int round = 0; round < 30; round++)
        {
            var cache = new MemoryCache();
            var dataset = Random(random.Next(1, 60), random.Next(1, 40));
            var keys = PairKeys.Of(dataset);
            int memory = random.Next(60, 400), badEvery = random.Next(3, 50);
            var scorer = new WordScorer((query, passage) =>
                (query.Length + passage.Length) % badEvery == 0 ? float.NegativeInfinity : query.Length + passage.Length / 1000f)
            {
                Limits = new BatchLimits(random.Next(1, 500), random.Next(1, 100), random.Next(1, 5)),
                Memory = () => memory,
            };
            var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
            var counts = new ScoringPass(dataset, keys, scorer, cache)
                .Run(missing.Pairs, new ScoringOptions(SkipsBad: true), TestContext.Current.CancellationToken);

            var expected = dataset.CandidateTexts.SelectMany((t, q) => t.Passages.Select((p, c) =>
                (keys[q].Query, keys[q].Pairs[c], Query: dataset.Texts[t.Query], Passage: dataset.Texts[p]))).ToList();
            var good = expected.Where(e => (e.Query.Length + e.Passage.Length) % badEvery != 0)
                .Select(e => (e.Item1, e.Item2, e.Query.Length + e.Passage.Length / 1000f,
                    e.Query.Split(' ').Length + e.Passage.Split(' ').Length)).ToHashSet();
            Assert.Equal(good.Count, cache.Added.Count);
            Assert.True(good.SetEquals(cache.Added));
            Assert.Equal((good.Count, expected.Count - good.Count), (counts.Scored, counts.Bad.Count));
        }
    }

    [Fact]
    public void Texts_that_are_changed_in_place_meanwhile_are_never_scored_under_their_old_key()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("c.jsonl",
            """{"query": "q", "passages": [{"id": "d1", "text": "one two"}, {"id": "d2", "text": "three four five"}]}""");
        var spec = new JsonlCandidatesSpec(DataFile.FromCommandLine(file), null, null);
        using var dataset = DatasetReader.Read(spec, new Problems());
        var keys = PairKeys.Of(dataset);
        var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
        using (var writing = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writing.Position = File.ReadAllText(file).IndexOf("three", StringComparison.Ordinal);
            writing.Write("THREE"u8);
        }
        var error = Assert.Throws<UserError>(() => new ScoringPass(dataset, keys, new WordScorer((_, _) => 1), _cache)
            .Run(missing.Pairs, new ScoringOptions(), TestContext.Current.CancellationToken));
        Assert.Equal($"the texts of query '{dataset.Candidates[0].Id}', document 'd2' were changed while rlab was reading them",
            error.Message);
        Assert.Empty(_cache.Added);
    }

    [Fact]
    public void Where_the_cache_cannot_be_written_the_pass_ends_with_its_reason()
    {
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(4, int.MaxValue, 2) };
        var dataset = Random(300, 10);
        var keys = PairKeys.Of(dataset);
        var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
        var error = Assert.Throws<UserError>(() => new ScoringPass(dataset, keys, scorer, new FullCache())
            .Run(missing.Pairs, new ScoringOptions(), TestContext.Current.CancellationToken));
        Assert.Equal("the disk is full", error.Message);
    }

    [Fact]
    public void A_scorer_that_is_faster_than_the_writer_waits_for_it()
    {
        int most = 0;
        var written = 0;
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(4, int.MaxValue, 2) };
        var slow = new SlowCache(() => most = Math.Max(most, scorer.Batches.Count - ++written));
        var dataset = Random(60, 10);
        var keys = PairKeys.Of(dataset);
        var missing = MissingPairs.Of(dataset, keys, new PairScores(keys));
        var counts = new ScoringPass(dataset, keys, scorer, slow)
            .Run(missing.Pairs, new ScoringOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(600, counts.Scored);
        Assert.InRange(most, 1, 70);
    }

    sealed class SlowCache(Action commit) : IScoreWriter
    {
        public string SessionUid => "slow";
        public void Add(long query, PairKey pair, float logit, int tokens) { }

        public void CommitIfDue()
        {
            commit();
            Thread.Sleep(2);
        }

        public void Dispose() { }
    }

    sealed class FullCache : IScoreWriter
    {
        public string SessionUid => "full";
        public void Add(long query, PairKey pair, float logit, int tokens) { }
        public void CommitIfDue() => throw new UserError("the disk is full");
        public void Dispose() { }
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
        public BatchLimits Limits { get; } = new(10, int.MaxValue, 1);
        public PreparedPair Prepare(string query, string passage) => throw new UserError("too long");
        public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits) => throw new NotSupportedException();
        public void Dispose() { }
    }
}
