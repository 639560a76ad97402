using Dapper;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store.Tests;

public class ScoreCacheTests
{
    [Fact]
    public void Scores_come_back_to_the_bit()
    {
        var random = new Random(20240531);
        float[] written =
        [
            0f, 1f, -1f, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 1.17549421e-38f, 1.17549435e-38f,
            0.1f, 16777217f, MathF.PI, MathF.BitIncrement(1f), MathF.BitDecrement(1f), 1e10f, -4.75f, 0.33333334f,
            .. Enumerable.Range(0, 20_000).Select(_ => Some.Logit(random)),
        ];
        using var folder = new TemporaryFolder();
        var keys = Keys(-5, written.Length);
        using (var lab = LabFile.OpenForWriting(folder["lab.db"]))
            Write(lab, Some.Scorer(), keys, written);

        using var reading = LabFile.OpenForReading(folder["lab.db"]);
        var read = Labs.Find(reading, Some.Scorer(), keys);

        Assert.Equal(written.Select(BitConverter.SingleToInt32Bits), read.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void A_look_up_that_is_shared_out_among_cores_finds_every_score_and_every_damage()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        QueryKeys[] keys = [.. Enumerable.Range(0, 700).Select(q => new QueryKeys(random.NextInt64(),
            [.. Enumerable.Range(0, 100).Select(_ => Some.Pair(random))]))];
        using (var lab = LabFile.OpenForWriting(folder["lab.db"]))
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
            foreach (var query in keys)
                for (int i = 0; i < query.Pairs.Length; i++)
                    writer.Add(query.Query, query.Pairs[i], (float)(uint)query.Pairs[i].Value, i);
        Labs.Change(folder["lab.db"], "UPDATE score SET tokens = tokens + 1 WHERE tokens = 50");

        using var reading = LabFile.OpenForReading(folder["lab.db"]);
        var found = new PairScores(keys);
        new ScoreCache(reading).Find(Some.Scorer(), keys, found);

        Assert.Equal(700, found.Damaged);
        for (int q = 0; q < keys.Length; q++)
            for (int i = 0; i < 100; i++)
                Assert.Equal(i == 50 ? (float.NaN, 0) : ((float)(uint)keys[q].Pairs[i].Value, i),
                    (found.Logits[q][i], found.Tokens[q][i]));
    }

    [Fact]
    public void Few_of_many_pairs_of_a_query_are_found_wherever_they_stand()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(4);
        PairKey[] pairs = [.. Enumerable.Range(0, 2000).Select(_ => Some.Pair(random))];
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
            for (int i = 0; i < pairs.Length; i += 2)
                writer.Add(7, pairs[i], i, i);
        for (int wanted = 1; wanted < 40; wanted += 3)
        {
            int[] some = [.. Enumerable.Range(0, wanted).Select(_ => random.Next(pairs.Length))];
            Assert.Equal(some.Select(i => i % 2 == 0 ? i : float.NaN),
                Labs.Find(lab, Some.Scorer(), new QueryKeys(7, [.. some.Select(i => pairs[i])])));
        }
    }

    [Fact]
    public void Minus_zero_comes_back_as_zero()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        Write(lab, Some.Scorer(), Keys(1, 1), [-0f]);

        Assert.Equal(0, BitConverter.SingleToInt32Bits(Labs.Find(lab, Some.Scorer(), Keys(1, 1))[0]));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_refused_and_the_scores_before_it_are_kept(float logit)
    {
        using var folder = new TemporaryFolder();
        using (var lab = LabFile.OpenForWriting(folder["lab.db"]))
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
        {
            writer.Add(7, Some.Pair(1), 1, 1);
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(7, Some.Pair(2), logit, 2));
            writer.Add(7, Some.Pair(3), 3, 3);
        }

        Assert.Equal([1f, float.NaN, 3f], Labs.Scores(folder["lab.db"], 3));
        Assert.Equal(2, Labs.Value<int>(folder["lab.db"], "SELECT scored FROM session"));
    }

    [Fact]
    public void Two_scorers_never_share_a_score()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        var (short_, long_) = (Some.Scorer(maxLength: 256), Some.Scorer(maxLength: 512));
        Write(lab, short_, Keys(3, 2), [1f, 2f]);

        Assert.Equal([float.NaN, float.NaN], Labs.Find(lab, long_, Keys(3, 2)));

        Write(lab, long_, Keys(3, 2), [-1f, -2f]);
        Assert.Equal([1f, 2f], Labs.Find(lab, short_, Keys(3, 2)));
        Assert.Equal([-1f, -2f], Labs.Find(lab, long_, Keys(3, 2)));
    }

    [Fact]
    public void Names_and_precisions_are_no_part_of_a_scorer()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        Write(lab, Some.Scorer("gte", "fp16"), Keys(3, 1), [1f]);

        Assert.Equal([1f], Labs.Find(lab, Some.Scorer("gte-copy", "fp32"), Keys(3, 1)));
    }

    [Fact]
    public void A_scorer_is_found_by_every_name_and_precision_it_was_declared_under()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        ScorerIdentity[] declared =
            [Some.Scorer("gte", "fp16"), Some.Scorer("gte", "auto"), Some.Scorer("模型 'gte'", "fp16"), Some.Scorer("gte", "fp16")];
        foreach (var scorer in declared) Write(lab, scorer, Keys(3, 1), [1f]);
        var cache = new ScoreCache(lab);

        Assert.Equal([Some.Scorer("gte", "auto"), Some.Scorer("gte", "fp16")], cache.ScorersNamed("gte").OrderBy(s => s.Precision));
        Assert.Equal([Some.Scorer("模型 'gte'", "fp16")], cache.ScorersNamed("模型 'gte'"));
        Assert.Empty(cache.ScorersNamed("GTE"));
        Assert.Empty(cache.ScorersNamed(""));
        Assert.Equal(1, lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM scorer"));
    }

    [Fact]
    public void Scorers_of_one_name_are_listed_the_latest_first()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        int[] lengths = [512, 128, 256];
        foreach (int length in lengths) Write(lab, Some.Scorer(maxLength: length), Keys(3, 1), [1f]);

        Assert.Equal([256, 128, 512], new ScoreCache(lab).ScorersNamed("gte").Select(s => s.MaxLength));
    }

    [Fact]
    public void A_scorer_keeps_its_spec_to_the_byte()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        var scorer = new ScorerIdentity("onnx", "m", "fp32", """{"a":1e-5,"b":"\u00e9 é 模型","c":[1, 2]}""");
        Write(lab, scorer, Keys(3, 1), [1f]);

        var found = Assert.Single(new ScoreCache(lab).ScorersNamed("m"));
        Assert.Equal(scorer, found);
        Assert.Equal(scorer.Fingerprint, lab.Connection.ExecuteScalar<string>("SELECT fingerprint FROM scorer"));
    }

    [Fact]
    public void A_scorer_that_the_file_does_not_know_finds_nothing()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForReading(Labs.Make(folder));

        Assert.Equal([float.NaN], Labs.Find(lab, Some.Scorer(maxLength: 3), new QueryKeys(7, [Some.Pair(1)])));
        Assert.Empty(new ScoreCache(lab).ScorersNamed("other"));
    }

    [Fact]
    public void One_text_under_two_ids_gets_its_score_in_both_places()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForReading(Labs.Make(folder));
        var keys = new QueryKeys(7, [.. new[] { 3, 1, 3, 9, 1, 2, 3 }.Select(Some.Pair)]);
        var found = new PairScores([keys, keys]);

        new ScoreCache(lab).Find(Some.Scorer(), [keys, keys], found);

        Assert.Equal([3f, 1f, 3f, float.NaN, 1f, 2f, 3f], found.Logits[0]);
        Assert.Equal([3, 1, 3, 0, 1, 2, 3], found.Tokens[0]);
        Assert.Equal(found.Logits[0], found.Logits[1]);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(1L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Query_keys_take_every_64_bits(long query)
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        Write(lab, Some.Scorer(), Keys(query, 3), [1f, 2f, 3f]);
        Write(lab, Some.Scorer(), Keys(~query, 3), [4f, 5f, 6f]);

        Assert.Equal([1f, 2f, 3f], Labs.Find(lab, Some.Scorer(), Keys(query, 3)));
        Assert.Equal([4f, 5f, 6f], Labs.Find(lab, Some.Scorer(), Keys(~query, 3)));
    }

    [Fact]
    public void Adding_a_pair_again_keeps_the_first_score()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        var keys = Keys(3, 2);
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
        {
            writer.Add(3, keys.Pairs[0], 1f, 10);
            writer.Add(3, keys.Pairs[0], 2f, 20);
        }
        Write(lab, Some.Scorer(), keys, [3f, 4f]);

        Assert.Equal([1f, 4f], Labs.Find(lab, Some.Scorer(), keys));
        Assert.Equal([(1, 10), (2, 1)], lab.Connection.Query<(int, int)>("SELECT session, tokens FROM score ORDER BY session"));
        // What a session is credited with is what it added.
        Assert.Equal([1, 1], lab.Connection.Query<int>("SELECT scored FROM session ORDER BY id"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_look_up_finds_what_a_dictionary_finds(int seed)
    {
        var random = new Random(seed);
        ScorerIdentity[] scorers = [Some.Scorer(), Some.Scorer(maxLength: 128), Some.Scorer(maxLength: 64)];
        long[] queries = [0, -1, 1, long.MinValue, long.MaxValue, .. Enumerable.Range(0, 150).Select(_ => random.NextInt64(long.MinValue, long.MaxValue))];
        // Few distinct pairs, neighbours and both halves of the order among them, so that keys meet under many queries.
        PairKey[] pairs =
        [
            .. Enumerable.Range(0, 40).Select(_ => Some.Pair(random)), new(UInt128.MinValue), new(UInt128.MaxValue),
            new(UInt128.One << 127), new((UInt128.One << 127) - 1), new(ulong.MaxValue), new((UInt128)ulong.MaxValue + 1),
            .. Enumerable.Range(1, 10).Select(Some.Pair),
        ];
        var known = new Dictionary<(int, long, PairKey), (float Logit, int Tokens)>();
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        var cache = new ScoreCache(lab);
        for (int session = 0; session < 5; session++)
        {
            int scorer = random.Next(scorers.Length);
            using var writer = cache.BeginSession(scorers[scorer], Some.Backend);
            for (int i = random.Next(4000); i > 0; i--)
            {
                var (query, pair) = (queries[random.Next(queries.Length)], pairs[random.Next(pairs.Length)]);
                var score = (Some.Logit(random), random.Next(1, 100_000));
                writer.Add(query, pair, score.Item1, score.Item2);
                known.TryAdd((scorer, query, pair), score);
                if (random.Next(50) == 0) writer.CommitIfDue();
            }
        }
        Assert.NotEmpty(known);
        Assert.Equal(known.Count, lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM score"));

        for (int scorer = 0; scorer < scorers.Length; scorer++)
        {
            // Subsets, duplicates, strangers, queries twice, queries without pairs, queries never seen.
            var asked = queries.Append(12345L).Append(queries[7]).Select(q => new QueryKeys(q,
                [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(5) == 0 ? Some.Pair(random) : pairs[random.Next(pairs.Length)])])).ToArray();
            var found = new PairScores(asked);
            cache.Find(scorers[scorer], asked, found);

            for (int q = 0; q < asked.Length; q++)
                for (int c = 0; c < asked[q].Pairs.Length; c++)
                {
                    bool has = known.TryGetValue((scorer, asked[q].Query, asked[q].Pairs[c]), out var score);
                    Assert.Equal(has, found.Has(q, c));
                    if (has) Assert.Equal(score, (found.Logits[q][c], found.Tokens[q][c]));
                }
        }
    }

    [Fact]
    public void A_look_up_leaves_other_places_as_they_are()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForReading(Labs.Make(folder));
        var keys = new QueryKeys(7, [Some.Pair(1), Some.Pair(99)]);
        var scores = new PairScores([keys]);
        scores.Set(0, 1, 5f, 50);

        new ScoreCache(lab).Find(Some.Scorer(), [keys], scores);

        Assert.Equal([1f, 5f], scores.Logits[0]);
        Assert.Equal([1, 50], scores.Tokens[0]);
    }

    static QueryKeys Keys(long query, int count) => new(query, [.. Enumerable.Range(0, count).Select(Some.Pair)]);

    static void Write(LabFile lab, ScorerIdentity scorer, QueryKeys keys, float[] logits)
    {
        using var writer = new ScoreCache(lab).BeginSession(scorer, Some.Backend);
        for (int i = 0; i < logits.Length; i++) writer.Add(keys.Query, keys.Pairs[i], logits[i], i);
    }
}
