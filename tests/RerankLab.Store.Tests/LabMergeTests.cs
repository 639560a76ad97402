using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Store.Tests;

public sealed class LabMergeTests : IDisposable
{
    const long Query = 7;

    readonly TemporaryFolder _folder = new();
    readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_union_of_two_files_has_what_either_has_and_both_stay_what_they_were()
    {
        var (a, b) = (Make("a.db", [1, 2, 3]), Make("b.db", [4, 5], Some.Scorer(maxLength: 256)));
        SaveRun(a, "one", [1, 2, 3]);
        SaveRun(b, "two", [4, 5], Some.Scorer(maxLength: 256));
        var before = Bytes(a, b);

        var report = Merge("lab.db", a, b);

        Assert.Equal(
            [("scorers", 2, 0), ("sessions", 2, 0), ("scores", 5, 0), ("candidates", 2, 0), ("qrels", 1, 1),
                ("runs", 2, 0), ("submissions", 0, 0)],
            report.Counts.Select(c => (c.Key, (int)c.Value.Added, (int)c.Value.Known)));
        Assert.Equal(Content(a).Union(Content(b)).Order(), Content(_folder["lab.db"]));
        Assert.Equal(before, Bytes(a, b));
        Labs.AssertOneClosedFile(_folder["lab.db"]);
        AssertNothingDamaged(_folder["lab.db"]);
        using var lab = LabFile.OpenForReading(_folder["lab.db"]);
        var store = new RunStore(lab);
        Assert.Equal(["two", "one"], store.Runs().Select(r => r.Name));
        Assert.All(store.Runs(), r => Assert.Equal(r.Name == "one" ? 3 : 2, store.Load(r).Pairs));
    }

    [Fact]
    public void Merging_again_changes_nothing()
    {
        var (a, b) = (Make("a.db", [1, 2, 3]), Make("b.db", [3, 4]));
        SaveRun(a, "one", [1, 2, 3]);
        Merge("lab.db", a, b);
        var before = Content(_folder["lab.db"]);

        var report = Merge("lab.db", b, a);

        Assert.All(report.Counts, c => Assert.Equal(0, c.Value.Added));
        Assert.Equal(5, report.Counts.Single(c => c.Key == "scores").Value.Known);
        Assert.Equal(before, Content(_folder["lab.db"]));
        Labs.AssertOneClosedFile(_folder["lab.db"]);
    }

    [Fact]
    public void One_after_the_other_or_together_in_whatever_order_the_result_is_the_same()
    {
        var (a, b, c) = (Make("a.db", [1, 2, 3]), Make("b.db", [2, 3, 4]), Make("c.db", [9]));
        SaveRun(a, "one", [1, 2, 3]);
        SaveRun(b, "two", [2, 4]);

        Merge("abc.db", a, b, c);
        Merge("cba.db", c, b, a);
        foreach (var source in new[] { b, c, a }) Merge("steps.db", source);

        // Scores that both have are equal here; the session that is kept with them is the first one's.
        Assert.Equal(Content(_folder["abc.db"]), Content(_folder["cba.db"]));
        Assert.Equal(Content(_folder["abc.db"], withSessionsOfScores: false),
            Content(_folder["steps.db"], withSessionsOfScores: false));
    }

    [Fact]
    public void Of_scores_that_differ_the_targets_stay_and_the_difference_is_reported_by_where_they_were_made()
    {
        var target = Make("lab.db", [1, 2, 3], device: "laptop");
        var source = Make("box.db", [1, 2, 3], device: "A10", logit: p => p == 2 ? 2.5f : p == 3 ? 3.25f : p);

        var report = Merge("lab.db", source);

        Assert.Equal([1f, 2f, 3f], Labs.Scores(target, 3));
        var difference = Assert.Single(report.Differences);
        Assert.Equal(("laptop", "A10", 2L, 0.5),
            (difference.Kept.Device, difference.Other.Device, difference.Scores, difference.Largest));
        Assert.Equal((Some.Scorer().Fingerprint, Query, Some.Pair(2).ToString()), difference.At);
        Assert.Equal((2.0, 2.5), difference.Logits);
        Assert.Equal(2, report.Differing);
    }

    [Fact]
    public void Of_two_sources_scores_that_differ_the_older_sessions_is_kept_whatever_the_order()
    {
        var (older, newer) = (Make("older.db", [1]), Make("newer.db", [1], logit: _ => 5));

        Merge("ab.db", newer, older);
        Merge("ba.db", older, newer);

        Assert.Equal([1f], Labs.Scores(_folder["ab.db"], 1));
        Assert.Equal(Content(_folder["ab.db"]), Content(_folder["ba.db"]));
    }

    [Fact]
    public void Runs_of_either_side_that_would_rank_otherwise_are_named_and_keep_their_logits()
    {
        var target = Make("lab.db", [1, 2, 3]);
        SaveRun(target, "laptop", [1, 2, 3]);
        // 3 falls behind 2.
        var source = Make("box.db", [1, 2, 3], logit: p => p == 3 ? 1.5f : p);
        SaveRun(source, "box", [1, 2, 3], logit: p => p == 3 ? 1.5f : p);
        SaveRun(source, "box-of-one", [1]);

        foreach (bool dry in new[] { true, false })
        {
            var report = Merge(new MergeSpec([source], target, dry));
            Assert.Equal(3, report.RunsLookedAt);
            Assert.Equal([("box", 1, 1)], report.Flips.Select(f => (f.Name, f.Queries, f.Changed)));
        }

        using var lab = LabFile.OpenForReading(target);
        var store = new RunStore(lab);
        Assert.Equal([1f, 2f, 1.5f], store.Load(store.Runs().Single(r => r.Name == "box")).Logits![0]);
    }

    [Fact]
    public void A_difference_that_moves_no_document_is_no_flip()
    {
        var target = Make("lab.db", [1, 2, 3]);
        SaveRun(target, "laptop", [1, 2, 3]);

        var report = Merge("lab.db", Make("box.db", [1, 2, 3], logit: p => p + 0.001f));

        Assert.Equal((3, 1, 0), ((int)report.Differing, report.RunsLookedAt, report.Flips.Count));
    }

    [Fact]
    public void A_dry_run_says_the_same_and_changes_nothing()
    {
        var (a, target) = (Make("a.db", [1, 2, 3, 4]), Make("lab.db", [4, 5]));
        SaveRun(a, "one", [1, 2]);
        var before = Bytes(target);

        var dry = Merge(new MergeSpec([a], target, true));
        var there = Merge(new MergeSpec([a], _folder["new.db"], true));
        Assert.Equal(before, Bytes(target));
        Assert.False(File.Exists(_folder["new.db"]));
        var real = Merge("lab.db", a);

        Assert.Equal(Lines(real), Lines(dry));
        Assert.Equal(4, there.Counts.Single(c => c.Key == "scores").Value.Added);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path),
            f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_source_that_was_not_closed_is_read_with_all_that_was_committed_and_stays_as_it_is(bool withIndex)
    {
        var path = Make("box.db", [1]);
        using (var lab = Labs.Write(path))
        {
            using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
                writer.Add(Query, Some.Pair(2), 2, 2);
            foreach (var ending in withIndex ? new[] { "", "-wal", "-shm" } : ["", "-wal"])
                File.Copy(path + ending, _folder["killed.db"] + ending);
        }
        Assert.True(Labs.IsWal(_folder["killed.db"]));
        var before = Bytes(_folder["killed.db"], _folder["killed.db-wal"]);
        var files = Labs.FilesOf(_folder["killed.db"]).ToList();

        Merge("lab.db", _folder["killed.db"]);

        Assert.Equal([1f, 2f], Labs.Scores(_folder["lab.db"], 2));
        Assert.Equal(before, Bytes(_folder["killed.db"], _folder["killed.db-wal"]));
        Assert.Equal(files, Labs.FilesOf(_folder["killed.db"]));
    }

    [Theory]
    [MemberData(nameof(MigrationTests.Released), MemberType = typeof(MigrationTests))]
    public void A_source_of_an_older_schema_is_read_and_stays_as_it_is(int schema)
    {
        var old = _folder["old.db"];
        File.Copy(
            Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", $"schema-{schema}.db"), old);
        File.SetAttributes(old, FileAttributes.ReadOnly);
        var before = Bytes(old);

        var report = Merge("lab.db", old);

        Assert.Equal((520, 3), ((int)Count(report, "scores").Added, (int)Count(report, "runs").Added));
        Assert.Equal(before, Bytes(old));
        Assert.Equal(["old.db"], Labs.FilesOf(old));
        AssertNothingDamaged(_folder["lab.db"]);
    }

    [Fact]
    public void What_cannot_be_merged_is_refused_by_name_and_nothing_is_made()
    {
        var good = Make("good.db", [1]);
        var newer = Make("newer.db", [1]);
        Labs.Change(newer, $"PRAGMA user_version = {Migration.Latest + 1}");
        _folder.Write("notes.db", "no database");
        Labs.Change(_folder["recipes.db"], "CREATE TABLE recipe (name TEXT)");

        AssertRefused($"there is no lab file {_folder["none.db"]}", good, _folder["none.db"]);
        AssertRefused($"{newer}: this lab file is of schema {Migration.Latest + 1}, newer than this rlab knows",
            good, newer);
        AssertRefused($"{_folder["notes.db"]}: this is not a lab file of rlab", good, _folder["notes.db"]);
        AssertRefused($"{_folder["recipes.db"]}: this is not a lab file of rlab", good, _folder["recipes.db"]);
    }

    [Fact]
    public void The_target_itself_is_refused_as_a_source_by_whatever_name()
    {
        var path = Make("lab.db", [1]);
        File.CreateSymbolicLink(_folder["link.db"], path);
        foreach (var name in new[] { path, _folder["link.db"], Path.Combine(_folder.Path, ".", "lab.db") })
            Assert.Contains("is the lab file to merge into",
                Assert.Throws<UserError>(() => Merge("lab.db", name)).Message);
        Labs.AssertOneClosedFile(path);
    }

    [Fact]
    public void Damaged_rows_are_counted_and_not_copied()
    {
        var source = Make("a.db", [1, 2, 3]);
        SaveRun(source, "good", [1]);
        SaveRun(source, "bad", [1, 2]);
        Labs.Change(source, $"UPDATE score SET logit = 99 WHERE pair = x'{Some.Pair(2)}'");
        Labs.Change(source, "UPDATE run SET depth = 2 WHERE name = 'bad'");

        var report = Merge("lab.db", source);

        Assert.Equal((2, 1), ((int)Count(report, "scores").Added, (int)Count(report, "scores").Damaged));
        Assert.Equal((1, 1), ((int)Count(report, "runs").Added, (int)Count(report, "runs").Damaged));
        Assert.Equal([1f, float.NaN, 3f], Labs.Scores(_folder["lab.db"], 3));
        Assert.Equal(["good"], Labs.Rows<string>(_folder["lab.db"], "SELECT name FROM run"));
        AssertNothingDamaged(_folder["lab.db"]);
    }

    [Fact]
    public void A_source_with_a_page_that_is_none_is_named_and_nothing_is_merged()
    {
        var (good, bad) = (Make("good.db", [1]), Make("bad.db", [.. Enumerable.Range(1, 5000)]));
        var target = Make("lab.db", [7]);
        var before = Content(target);
        using (var file = File.OpenWrite(bad))
        {
            // The tables' first pages stand at the beginning, scores at the end.
            file.Position = file.Length - 2 * 8192;
            file.Write(new byte[8192]);
        }

        var error = Assert.Throws<UserError>(() => Merge("lab.db", good, bad));

        Assert.StartsWith($"{bad}: the lab file is damaged: ", error.Message);
        Assert.Equal(before, Content(target));
        Labs.AssertOneClosedFile(target);
    }

    [Theory]
    [InlineData("UPDATE scorer SET spec = '{}'", "scorers", 3)]
    [InlineData("UPDATE session SET device = 'another'", "sessions", 3)]
    public void Scores_of_a_damaged_scorer_or_session_are_not_copied(string damage, string what, int scores)
    {
        var source = Make("a.db", [1, 2, 3]);
        Labs.Change(source, damage);

        var report = Merge("lab.db", source);

        Assert.Equal((1, scores), ((int)Count(report, what).Damaged, (int)Count(report, "scores").Damaged));
        Assert.Equal(0, Labs.Value<int>(_folder["lab.db"], "SELECT count(*) FROM score"));
    }

    [Theory]
    [InlineData("UPDATE candidate_query SET qid = 'another'")]
    [InlineData("UPDATE qrels_query SET labels = '{}'")]
    [InlineData("UPDATE logits SET data = x'00000000'")]
    [InlineData("UPDATE run_query SET ordinal = 1")]
    public void A_run_whose_lists_are_damaged_is_not_copied_by_half(string damage)
    {
        var source = Make("a.db", [1]);
        SaveRun(source, "one", [1]);
        Labs.Change(source, damage);

        var report = Merge("lab.db", source);

        Assert.Equal((0, 1), ((int)Count(report, "runs").Added, (int)Count(report, "runs").Damaged));
        Assert.Contains(_notes, n => n.StartsWith("run 'one'", StringComparison.Ordinal));
        string[] tables =
            ["run", "run_query", "logits", "measure", "candidates", "candidate_query", "qrels", "qrels_query"];
        foreach (var table in tables)
            Assert.Equal(0, Labs.Value<int>(_folder["lab.db"], $"SELECT count(*) FROM {table}"));
    }

    [Fact]
    public void A_damaged_score_of_the_target_is_replaced_by_a_good_one()
    {
        var target = Make("lab.db", [1, 2]);
        Labs.Change(target, $"UPDATE score SET logit = 99 WHERE pair = x'{Some.Pair(2)}'");

        var report = Merge("lab.db", Make("a.db", [1, 2]));

        var scores = Count(report, "scores");
        Assert.Equal((1, 1, 0), ((int)scores.Repaired, (int)scores.Known, (int)report.Differing));
        Assert.Equal([1f, 2f], Labs.Scores(target, 2));
        AssertNothingDamaged(target);
    }

    [Fact]
    public void A_session_that_went_on_after_a_copy_was_made_is_known_to_its_end()
    {
        var whole = Make("whole.db", [1, 2]);
        File.Copy(whole, _folder["early.db"]);
        Labs.Change(_folder["early.db"], "UPDATE session SET ended = NULL, scored = 1");

        foreach (var sources in new[] { new[] { "early.db", "whole.db" }, ["whole.db", "early.db"] })
        {
            var into = sources[0] + "-first.db";
            foreach (var source in sources) Merge(into, _folder[source]);
            Assert.Equal((2, true), Assert.Single(
                Labs.Rows<(int, bool)>(_folder[into], "SELECT scored, ended IS NOT NULL FROM session")));
        }
    }

    [Fact]
    public void Stopped_in_the_midst_it_changes_nothing()
    {
        var (target, source) = (Make("lab.db", [1]), Make("a.db", [.. Enumerable.Range(1, 70_000)]));
        var before = Content(target);
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        foreach (var into in new[] { target, _folder["new.db"] })
            Assert.Throws<OperationCanceledException>(
                () => LabMerge.Run(new MergeSpec([source], into, false), _notes.Add, null, stop.Token));

        Assert.Equal(before, Content(target));
        Labs.AssertOneClosedFile(target);
        Assert.Empty(Labs.FilesOf(_folder["new.db"]));
    }

    static MergeCount Count(MergeReport report, string what) => report.Counts.Single(c => c.Key == what).Value;

    static IEnumerable<string> Lines(MergeReport report) =>
        report.Counts.Select(c => $"{c.Key} {c.Value.Added} {c.Value.Known} {c.Value.Damaged} {c.Value.Repaired}");

    MergeReport Merge(string into, params string[] sources) =>
        Merge(new MergeSpec(sources, Path.Combine(_folder.Path, into), false));

    MergeReport Merge(MergeSpec spec) => LabMerge.Run(spec, _notes.Add, null, TestContext.Current.CancellationToken);

    void AssertRefused(string message, params string[] sources)
    {
        Assert.StartsWith(message, Assert.Throws<UserError>(() => Merge("lab.db", sources)).Message);
        Assert.Empty(Labs.FilesOf(_folder["lab.db"]));
    }

    static List<byte[]> Bytes(params string[] paths) => [.. paths.Select(File.ReadAllBytes)];

    /// <summary>A lab file with scores of one query; unless said otherwise each pair's number is its logit.</summary>
    string Make(string name, int[] pairs, ScorerIdentity? scorer = null, string device = "some GPU",
        Func<int, float>? logit = null)
    {
        using var lab = LabFile.OpenForWriting(_folder[name]);
        var backend = Some.Backend with { Device = device };
        using var writer = new ScoreCache(lab).BeginSession(scorer ?? Some.Scorer(), backend);
        foreach (int pair in pairs) writer.Add(Query, Some.Pair(pair), logit?.Invoke(pair) ?? pair, pair);
        return _folder[name];
    }

    /// <summary>Records a run of one query in a lab file.</summary>
    static void SaveRun(
        string path, string name, int[] pairs, ScorerIdentity? scorer = null, Func<int, float>? logit = null)
    {
        using var lab = LabFile.OpenForWriting(path);
        var session = Labs.Rows<string>(path, "SELECT uid FROM session LIMIT 1")[0];
        var qrels = new Qrels();
        qrels.Add("q", "d1", 1);
        var data = new RunData([new CandidateQuery("q", [.. pairs.Select(p => $"d{p}")], null)],
            [new QueryKeys(Query, [.. pairs.Select(Some.Pair)])],
            [[.. pairs.Select(p => logit?.Invoke(p) ?? p)]], qrels);
        var evaluation = Evaluation.Of(data.Rankings(100), qrels, [new ReciprocalRank(10, 1)]);
        new RunStore(lab).Save(new RunRecord
        {
            Uid = Guid.CreateVersion7().ToString(),
            Name = name,
            Started = DateTimeOffset.UtcNow,
            Status = RunStatus.Complete,
            Depth = 100,
            ExperimentText = $"name: {name}",
            Overrides = ["a=1"],
            ExperimentPath = "exp.yaml",
            Setup = "{}",
            ScorerFingerprint = "",
            SessionUid = session,
            Device = null,
            Counts = new RunCounts(1, pairs.Length, pairs.Length, 0, 0, 0, 0, 0, 0),
            Seconds = [KeyValuePair.Create("total", 1.5)],
            Cost = 0.25,
            Currency = "CNY",
            Provenance = new Provenance(new Dictionary<string, string> { ["os"] = "Linux" }, "abc", false),
            Tags = ["dev"],
            Measures = [],
        }, scorer ?? Some.Scorer(), data, evaluation);
    }

    static void AssertNothingDamaged(string path)
    {
        using var lab = LabFile.OpenForReading(path);
        Assert.All(RowCheck.Expressions.Keys, t =>
            Assert.Equal([0], Labs.RowsThrough<long>(lab, $"SELECT count(*) FROM {t} WHERE NOT ({RowCheck.Holds(t)})")));
        Labs.AssertIntact(path);
    }

    /// <summary>Every row by what it means, without the ids that rows have in this file only.</summary>
    static List<string> Content(string path, bool withSessionsOfScores = true) =>
    [
        .. Labs.Rows<string>(path,
            $"""
            SELECT 'scorer ' || fingerprint || kind || spec || crc FROM scorer
            UNION ALL SELECT 'name ' || n.name || n.precision || s.fingerprint || n.crc
                FROM scorer_name n JOIN scorer s ON s.id = n.scorer
            UNION ALL SELECT 'session ' || uid || started || coalesce(ended, '') || scored || device || provider
                || versions || host || crc FROM session
            UNION ALL SELECT 'score ' || s.fingerprint || query || hex(pair) || ' ' || logit || ' ' || tokens || ' '
                || {(withSessionsOfScores ? "e.uid" : "''")} || c.crc
                FROM score c JOIN scorer s ON s.id = c.scorer JOIN session e ON e.id = c.session
            UNION ALL SELECT 'candidates ' || fingerprint || ordinal || qid || query || documents || hex(pairs) || crc
                FROM candidate_query q JOIN candidates c ON c.id = q.candidates
            UNION ALL SELECT 'qrels ' || fingerprint || ordinal || qid || labels || crc
                FROM qrels_query q JOIN qrels r ON r.id = q.qrels
            UNION ALL SELECT 'run ' || r.uid || r.name || r.started || status || depth || experiment || overrides
                || experiment_path || setup || c.fingerprint || s.fingerprint || q.fingerprint || e.uid || pairs
                || seconds || cost || currency || environment || git_commit || git_dirty || tags || r.crc
                FROM run r JOIN candidates c ON c.id = r.candidates JOIN scorer s ON s.id = r.scorer
                JOIN qrels q ON q.id = r.qrels JOIN session e ON e.id = r.session
            UNION ALL SELECT 'logits ' || r.uid || ordinal || hex(hash) || hex(data) || q.crc
                FROM run_query q JOIN run r ON r.id = q.run JOIN logits l ON l.id = q.logits
            UNION ALL SELECT 'measure ' || r.uid || q.fingerprint || coalesce(query, '') || m.name || value || m.crc
                FROM measure m JOIN run r ON r.id = m.run JOIN qrels q ON q.id = m.qrels
            """).Order(),
    ];
}
