using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;

namespace RerankLab.Store.Tests;

public class RunStoreTests
{
    static readonly Measure[] Measures = [new NDcg(10), new ReciprocalRank(10, 1), new AveragePrecision(null, 2)];

    [Fact]
    public void A_run_comes_back_as_it_was_saved()
    {
        using var folder = new TemporaryFolder();
        var (data, record) = (Data(), Record());
        using (var lab = Labs.Write(folder["lab.db"]))
        {
            using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
            record = record with { SessionUid = writer.SessionUid, Device = Some.Backend.Device };
        }
        var evaluation = Evaluation.Of(data.Rankings(record.Depth), data.Qrels!, Measures);
        record = record with { Measures = [.. Measures.Select(m => KeyValuePair.Create(m.ToString(), evaluation.Mean(m)))] };
        using (var lab = Labs.Write(folder["lab.db"]))
            new RunStore(lab).Save(record, Some.Scorer(), data, evaluation);

        using var reading = LabFile.OpenForReading(folder["lab.db"]);
        var store = new RunStore(reading);
        var run = Assert.Single(store.Runs());

        AssertSame(record, run);
        AssertSame(data, store.Load(run));
    }

    [Fact]
    public void A_run_without_session_qrels_scores_cost_or_git_comes_back_without_them()
    {
        using var folder = new TemporaryFolder();
        var data = Data(qrels: false, firstStageScores: false);
        var record = Record() with
        {
            Status = RunStatus.Partial,
            Overrides = [],
            Counts = new RunCounts(0, 0, 0, 0, 0, 0, 0, 0, 0),
            Seconds = [],
            Cost = null,
            Currency = null,
            Provenance = new Provenance(new Dictionary<string, string>(), null, null),
            Tags = [],
        };

        var (run, loaded) = SaveAndLoad(folder, record, data);

        AssertSame(record, run);
        AssertSame(data, loaded);
        Assert.Null(run.SessionUid);
        Assert.Null(run.Device);
        Assert.Null(run.Provenance.GitDirty);
        Assert.Null(loaded.Qrels);
        Assert.All(loaded.Candidates, c => Assert.Null(c.FirstStageScores));
    }

    [Fact]
    public void Runs_with_and_without_each_optional_field_stand_side_by_side()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        // The row without comes first, then second: a reader that guesses types from the first row must not stumble.
        var bare = Record() with { Cost = null, Currency = null, Provenance = new Provenance(new Dictionary<string, string>(), null, null) };
        RunRecord[] records = [bare with { Uid = Uid(1) }, Record() with { Uid = Uid(2) }, bare with { Uid = Uid(3) },
            Record() with { Uid = Uid(4), Cost = 3, Provenance = new Provenance(new Dictionary<string, string>(), "c0ffee", false) }];
        foreach (var record in records) store.Save(record, Some.Scorer(), Data(qrels: record.Cost is not null), null);

        var runs = store.Runs();

        Assert.Equal(records.Length, runs.Count);
        foreach (var (expected, actual) in records.Reverse().Zip(runs)) AssertSame(expected, actual);
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("ar-SA")]
    [InlineData("th-TH")]
    public void Nothing_depends_on_the_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            using var folder = new TemporaryFolder();
            var (run, loaded) = SaveAndLoad(folder, Record(), Data());
            AssertSame(Record(), run);
            AssertSame(Data(), loaded);
            Assert.Equal("2024-05-31T12:34:56.7891234+00:00", Labs.Value<string>(folder["lab.db"], "SELECT started FROM run"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Runs_are_listed_the_latest_first_whatever_the_order_of_saving()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        var uids = Enumerable.Range(0, 20).Select(i => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(19_000).AddSeconds(i)).ToString()).ToArray();
        var shuffled = uids.ToArray();
        new Random(5).Shuffle(shuffled);
        foreach (var uid in shuffled) store.Save(Record() with { Uid = uid }, Some.Scorer(), Data(), null);

        Assert.Equal(uids.Reverse(), store.Runs().Select(r => r.Uid));
    }

    [Fact]
    public void Each_run_loads_its_own_logits_candidates_and_qrels()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        RunData[] data = [Data(), Data(seed: 2), Data(qrels: false), Data(firstStageScores: false), Data(seed: 3, queries: 1)];
        for (int i = 0; i < data.Length; i++)
            store.Save(Record() with { Uid = Uid(i) }, Some.Scorer(maxLength: 100 + i), data[i], null);

        var runs = store.Runs().Reverse().ToList();

        for (int i = 0; i < data.Length; i++)
        {
            AssertSame(data[i], store.Load(runs[i]));
            Assert.Equal(Some.Scorer(maxLength: 100 + i).Fingerprint, runs[i].ScorerFingerprint);
        }
    }

    [Fact]
    public void Equal_candidates_and_qrels_are_kept_once()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        for (int i = 0; i < 3; i++) store.Save(Record() with { Uid = Uid(i) }, Some.Scorer(), Data(logitSeed: i), null);

        Assert.Equal([1, 1, Data().Candidates.Count, Data().Qrels!.Queries.Count], Counts("candidates", "qrels", "candidate_query", "qrels_query"));
        Assert.Equal([3, 3 * Data().Candidates.Count, 1], Counts("run", "run_query", "scorer"));

        // Other documents, the same qrels.
        var data = Data();
        var other = new RunData([.. data.Candidates.Select(c => c with { Documents = [.. c.Documents.Select(d => d + "'")] })],
            data.Keys, data.Logits, data.Qrels);
        store.Save(Record() with { Uid = Uid(9) }, Some.Scorer(), other, null);
        Assert.Equal([2, 1], Counts("candidates", "qrels"));

        int[] Counts(params string[] tables) => [.. tables.Select(t => lab.Connection.ExecuteScalar<int>($"SELECT count(*) FROM {t}"))];
    }

    [Fact]
    public void Identical_logits_are_kept_once_and_a_run_repeated_hardly_grows_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder["lab.db"];
        var data = Data(queries: 200, documents: 100);
        Save(1);
        var (rows, size) = (Labs.Value<int>(path, "SELECT count(*) FROM logits"), new FileInfo(path).Length);
        Assert.InRange(rows, 199, 200);

        for (int i = 2; i <= 6; i++) Save(i);

        Assert.Equal(rows, Labs.Value<int>(path, "SELECT count(*) FROM logits"));
        Assert.Equal(6 * 200, Labs.Value<int>(path, "SELECT count(*) FROM run_query"));
        // Five more runs: less than a tenth of the logits of one.
        Assert.InRange(new FileInfo(path).Length - size, 0, 200 * 100 * sizeof(float));

        void Save(int number)
        {
            using var lab = Labs.Write(path);
            new RunStore(lab).Save(Record() with { Uid = Uid(number) }, Some.Scorer(), data, null);
        }
    }

    [Fact]
    public void One_query_that_changed_adds_one_list_of_logits()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        var data = Data(queries: 10);
        store.Save(Record() with { Uid = Uid(1) }, Some.Scorer(), data, null);
        var before = lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM logits");

        var changed = data.Logits!.Select(l => l.ToArray()).ToArray();
        changed[4][0] = 123.5f;
        store.Save(Record() with { Uid = Uid(2) }, Some.Scorer(), WithLogits(data, changed), null);

        Assert.Equal(before + 1, lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM logits"));
        AssertSame(WithLogits(data, changed), store.Load(store.Runs()[0]));
        AssertSame(data, store.Load(store.Runs()[1]));
    }

    [Fact]
    public void Logits_that_are_missing_stay_missing()
    {
        using var folder = new TemporaryFolder();
        var data = Data();
        float[][] logits = [.. data.Logits!.Select(l => l.Select((v, i) => i % 2 == 0 ? float.NaN : v).ToArray())];

        var (_, loaded) = SaveAndLoad(folder, Record() with { Status = RunStatus.Partial }, WithLogits(data, logits));

        Assert.Equal(WithLogits(data, logits).PairsMissing, loaded.PairsMissing);
        AssertSame(WithLogits(data, logits), loaded);
    }

    [Fact]
    public void A_query_without_candidates_is_kept()
    {
        using var folder = new TemporaryFolder();
        var data = new RunData([new CandidateQuery("q", [], null)], [new QueryKeys(-3, [])], [[]], null);

        AssertSame(data, SaveAndLoad(folder, Record(), data).Data);
    }

    [Fact]
    public void A_run_without_queries_is_kept()
    {
        using var folder = new TemporaryFolder();
        var data = new RunData([], [], [], null);

        AssertSame(data, SaveAndLoad(folder, Record(), data).Data);
    }

    [Fact]
    public void Qrels_without_judgements_are_no_missing_qrels()
    {
        using var folder = new TemporaryFolder();
        var without = Data(qrels: false);
        var data = new RunData(without.Candidates, without.Keys, without.Logits, new Qrels());
        var evaluation = Evaluation.Of(data.Rankings(3), data.Qrels!, Measures);

        var (run, loaded) = SaveAndLoad(folder, Record(), data, evaluation);

        Assert.NotNull(loaded.Qrels);
        Assert.True(loaded.Qrels.IsEmpty);
        Assert.Equal([0, 0, 0], run.Measures.Select(m => m.Value));
    }

    [Fact]
    public void Measures_are_kept_as_means_in_order_and_by_query()
    {
        using var folder = new TemporaryFolder();
        var data = Data(queries: 5);
        data.Qrels!.Add("judged but not ranked", "d", 1);
        var evaluation = Evaluation.Of(data.Rankings(100), data.Qrels, Measures);

        var (run, _) = SaveAndLoad(folder, Record(), data, evaluation);

        Assert.Equal(["nDCG@10", "RR@10", "AP(rel=2)"], run.Measures.Select(m => m.Key));
        Assert.Equal(Measures.Select(evaluation.Mean), run.Measures.Select(m => m.Value));
        Assert.Contains(run.Measures, m => m.Value is > 0 and < 1);
        foreach (var measure in Measures)
        {
            var rows = Labs.Rows<(string? Query, double Value)>(folder["lab.db"],
                $"SELECT query, value FROM measure WHERE name = '{measure}' AND query IS NOT NULL ORDER BY rowid");
            Assert.Equal(evaluation.Queries, rows.Select(r => r.Query));
            Assert.Equal(evaluation.Of(measure), rows.Select(r => r.Value));
        }
        Assert.Equal(3 * (1 + data.Qrels.Queries.Count), Labs.Value<int>(folder["lab.db"], "SELECT count(*) FROM measure"));
    }

    [Fact]
    public void A_recorded_run_evaluates_to_the_same_values()
    {
        using var folder = new TemporaryFolder();
        var data = Data(queries: 30);
        var evaluation = Evaluation.Of(data.Rankings(7), data.Qrels!, Measures);

        var (run, loaded) = SaveAndLoad(folder, Record() with { Depth = 7 }, data, evaluation);
        var again = RecordedEvaluation.Of(run, loaded, qrels: null, measures: null);

        Assert.Equal(Measures, again.Measures);
        foreach (var measure in Measures)
        {
            Assert.Equal(evaluation.Of(measure), again.Of(measure));
            Assert.Equal(evaluation.Mean(measure), again.Mean(measure));
        }
    }

    public static TheoryData<string> Ids =>
        ["查询", "naïve é", "e\u0301", "𝔘𝔫𝔦", "👩‍🔬", "it's", "\"quoted\"", "tab\tbed", "line\nbreak", "back\\slash", "", " ", " padded ", "a,b;c|d", "[\"x\"]",
            "{}", "null", "NULL", "1", "01", "1e5", "%s", "@p0", "$x", "<&>", "\u0001", "\u0000", "nul\u0000within", "\u200b", "\ufeffbom",
            "عربى", new string('x', 5000)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Ids_are_kept_to_the_character(string id)
    {
        using var folder = new TemporaryFolder();
        var qrels = new Qrels();
        qrels.Add(id, id, 3);
        qrels.Add(id, "other", -1);
        qrels.Add("q2", id + "x", 0);
        var data = new RunData(
            [new CandidateQuery(id, [id, id + "x", "other"], [1, 0.5, -1]), new CandidateQuery(id + "2", ["other", id], null)],
            [new QueryKeys(1, [Some.Pair(1), Some.Pair(2), Some.Pair(3)]), new QueryKeys(2, [Some.Pair(4), Some.Pair(5)])],
            [[1, 2, 3], [4, 5]], qrels);
        var record = Record() with { Name = id, Tags = [id], Overrides = [id], ExperimentText = id, Currency = id };

        var (run, loaded) = SaveAndLoad(folder, record, data, Evaluation.Of(data.Rankings(3), qrels, Measures));

        AssertSame(record, run with { Measures = [] });
        AssertSame(data, loaded);
        Assert.Equal([id, "q2"], Labs.Rows<string>(folder["lab.db"], "SELECT query FROM measure WHERE name = 'RR@10' AND query IS NOT NULL ORDER BY rowid"));
    }

    [Fact]
    public void Doubles_and_floats_of_a_run_are_kept_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(11);
        var data = Data(queries: 20, documents: 50);
        data = new RunData(
            [.. data.Candidates.Select(c => c with { FirstStageScores = [.. c.Documents.Select(_ => AnyDouble())] })],
            data.Keys,
            [.. data.Logits!.Select(l => l.Select(_ => Some.Logit(random)).ToArray())],
            data.Qrels);
        var record = Record() with
        {
            Cost = 0.1 + 0.2,
            Seconds = [.. Enumerable.Range(0, 50).Select(i => KeyValuePair.Create($"stage {i}", double.Abs(AnyDouble())))],
        };

        var (run, loaded) = SaveAndLoad(folder, record, data);

        AssertSame(record, run);
        AssertSame(data, loaded);

        double AnyDouble()
        {
            while (true)
                if (BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)) is var value && double.IsFinite(value)) return value;
        }
    }

    [Fact]
    public void A_run_saved_twice_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var store = new RunStore(lab);
        store.Save(Record(), Some.Scorer(), Data(), null);
        var before = Everything(lab);

        Assert.Throws<SqliteException>(() => store.Save(Record(), Some.Scorer("other", "int8", 3), Data(seed: 9), null));

        Assert.Equal(before, Everything(lab));
        store.Save(Record() with { Uid = Uid(2) }, Some.Scorer("other", "int8", 3), Data(seed: 9), null);
        Assert.Equal(2, store.Runs().Count);
    }

    [Theory]
    [InlineData("scorer")]
    [InlineData("scorer_name")]
    [InlineData("candidates")]
    [InlineData("candidate_query")]
    [InlineData("qrels")]
    [InlineData("qrels_query")]
    [InlineData("run")]
    [InlineData("logits")]
    [InlineData("run_query")]
    [InlineData("measure")]
    public void A_run_that_cannot_be_saved_in_full_leaves_nothing(string table)
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var data = Data();
        var evaluation = Evaluation.Of(data.Rankings(3), data.Qrels!, Measures);
        // A temporary one: those of a file do not run.
        lab.Connection.Execute($"CREATE TEMP TRIGGER stop BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'stop'); END");
        var before = Everything(lab);

        var failure = Assert.Throws<SqliteException>(() => new RunStore(lab).Save(Record(), Some.Scorer(), data, evaluation));

        Assert.Contains("stop", failure.Message);
        Assert.Equal(before, Everything(lab));
        lab.Connection.Execute("DROP TRIGGER stop");
        new RunStore(lab).Save(Record(), Some.Scorer(), data, evaluation);
        Assert.Single(new RunStore(lab).Runs());
    }

    [Fact]
    public void A_full_disk_leaves_no_part_of_a_run()
    {
        using var folder = new TemporaryFolder();
        var path = folder["lab.db"];
        var failure = Assert.Throws<SqliteException>(() =>
        {
            using var lab = Labs.Write(path);
            var pages = lab.Connection.ExecuteScalar<int>("PRAGMA page_count");
            lab.Connection.ExecuteScalar($"PRAGMA max_page_count = {pages + 10}");
            new RunStore(lab).Save(Record(), Some.Scorer(), Data(queries: 200, documents: 100), null);
        });

        Assert.Contains("the disk is full", LabFile.Explain(failure, path)!.Message);
        Labs.AssertOneClosedFile(path);
        using var reading = LabFile.OpenForReading(path);
        Assert.Empty(new RunStore(reading).Runs());
        Assert.All(Everything(reading), line => Assert.EndsWith(": 0", line));
    }

    [Fact]
    public void The_file_holds_no_absolute_path()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        using (var lab = Labs.Write(path))
        {
            var record = Record() with { ExperimentPath = "../experiments/gte.yaml", Provenance = ThisMachine.ProvenanceOf(Repository.Root) };
            var data = Data();
            new RunStore(lab).Save(record, Some.Scorer(), data, Evaluation.Of(data.Rankings(5), data.Qrels!, Measures));
        }

        var bytes = File.ReadAllBytes(path);
        Assert.True(Holds("../experiments/gte.yaml"));
        string[] places = [folder.Path, Path.GetFileName(folder.Path), Repository.Root, Environment.CurrentDirectory,
            AppContext.BaseDirectory, Path.GetTempPath(), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "lab.db"];
        Assert.All(places.Where(p => p.Length > 1), p => Assert.False(Holds(p), $"the file holds {p}"));

        bool Holds(string text) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }

    /// <summary>The count of rows of every table.</summary>
    static List<string> Everything(LabFile lab) =>
        [.. lab.Connection.Query<string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").ToList()
            .Select(t => $"{t}: {lab.Connection.ExecuteScalar<int>($"SELECT count(*) FROM {t}")}")];

    static (RunRecord Run, RunData Data) SaveAndLoad(TemporaryFolder folder, RunRecord record, RunData data, Evaluation? evaluation = null)
    {
        using (var lab = Labs.Write(folder["lab.db"]))
            new RunStore(lab).Save(record, Some.Scorer(), data, evaluation);
        using var reading = LabFile.OpenForReading(folder["lab.db"]);
        var store = new RunStore(reading);
        var run = Assert.Single(store.Runs());
        return (run, store.Load(run));
    }

    /// <summary>Field by field, those to come included.</summary>
    static void AssertSame(RunRecord expected, RunRecord actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));

    static void AssertSame(RunData expected, RunData actual)
    {
        Assert.Equal(JsonSerializer.Serialize(expected.Candidates), JsonSerializer.Serialize(actual.Candidates));
        Assert.Equal(expected.Keys!.Select(k => k.Query), actual.Keys!.Select(k => k.Query));
        Assert.Equal(expected.Keys!.Select(k => k.Pairs), actual.Keys!.Select(k => k.Pairs));
        Assert.Equal(expected.Logits!.Select(Bits), actual.Logits!.Select(Bits));
        Assert.Equal(Judgements(expected.Qrels), Judgements(actual.Qrels));
        Assert.Equal(expected.CandidatesFingerprint, actual.CandidatesFingerprint);
        Assert.Equal(expected.QrelsFingerprint, actual.QrelsFingerprint);

        static int[] Bits(float[] logits) => [.. logits.Select(BitConverter.SingleToInt32Bits)];
        static string Judgements(Qrels? qrels) =>
            JsonSerializer.Serialize(qrels?.Queries.Select(q => KeyValuePair.Create(q, qrels.Of(q))));
    }

    static string Uid(int number) => $"018f0000-0000-7000-8000-{number:x12}";

    static RunRecord Record() => new()
    {
        Uid = Uid(0),
        Name = "gte-512",
        Started = new DateTimeOffset(2024, 5, 31, 12, 34, 56, TimeSpan.Zero).AddTicks(7891234),
        Status = RunStatus.Complete,
        Depth = 100,
        ExperimentText = "name: gte-512\r\n# 注释 'quoted' \"so\"\n\tx: 1\n",
        Overrides = ["scorer.max_length=256", "name=it's"],
        ExperimentPath = "../experiments/gte.yaml",
        Setup = """{"dataset":{"queries":3},"ranking":{"activation":"sigmoid"}}""",
        ScorerFingerprint = Some.Scorer().Fingerprint,
        SessionUid = null,
        Device = null,
        Counts = new RunCounts(1, 2, 3, 4, 5, 6, 7, 8_000_000_000, 9_000_000_000),
        Seconds = [KeyValuePair.Create("read", 0.125), KeyValuePair.Create("score", 1e-7), KeyValuePair.Create("all", 1234567.891)],
        Cost = 0.35,
        Currency = "CNY",
        Provenance = new Provenance(new Dictionary<string, string> { ["os"] = "Linux 6", ["cpu"] = "Ångström \"1\"" }, new string('c', 40), true),
        Tags = ["dev", "第一"],
        Measures = [],
    };

    /// <summary>Candidates with graded labels, the same for the same arguments.</summary>
    static RunData Data(int seed = 1, int queries = 3, int documents = 12, bool qrels = true, bool firstStageScores = true, int? logitSeed = null)
    {
        var (random, logits) = (new Random(seed), new Random(logitSeed ?? seed));
        var labels = new Qrels();
        var candidates = new List<CandidateQuery>();
        for (int q = 0; q < queries; q++)
        {
            var ids = Enumerable.Range(0, documents).Select(_ => $"d{random.Next()}").Distinct().ToArray();
            candidates.Add(new CandidateQuery($"q{q}", [.. ids], firstStageScores ? [.. ids.Select(_ => random.NextDouble()).OrderDescending()] : null));
            foreach (var id in ids.Take(3)) labels.Add($"q{q}", id, random.Next(0, 4));
        }
        return new RunData(candidates,
            [.. candidates.Select(c => new QueryKeys(random.NextInt64(long.MinValue, long.MaxValue), [.. c.Documents.Select(_ => Some.Pair(random))]))],
            [.. candidates.Select(c => c.Documents.Select(_ => (float)(logits.NextDouble() * 20 - 10)).ToArray())],
            qrels ? labels : null);
    }

    static RunData WithLogits(RunData data, IReadOnlyList<float[]> logits) => new(data.Candidates, data.Keys, logits, data.Qrels);
}
