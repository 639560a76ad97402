using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary><c>rlab cache stats</c>, <c>prune</c>, <c>check</c> and <c>compact</c>.</summary>
public sealed class CacheCareTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();
    readonly DemoLab _demo;

    public CacheCareTests(DemoLab demo)
    {
        _demo = demo;
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
    }

    public void Dispose() => _rlab.Dispose();

    string BaseScorer => (string)_demo.Cold.Json["scorer"]!;

    string ShortScorer => (string)_demo.Short.Json["scorer"]!;

    void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_rlab.LabFile};Pooling=False");
        connection.Execute(sql);
    }

    [Fact]
    public async Task Stats_counts_scores_by_scorer()
    {
        var result = await _rlab.Succeed("cache", "stats");

        Assert.Equal(["scorer", "kind", "names", "scores", "queries", "tokens", "sessions", "runs"], result.Table[0]);
        Assert.Equal([BaseScorer, "onnx", "model fp32", "1040", "52", "153542", "1", "2"], result.Table[1]);
        Assert.Equal([ShortScorer, "onnx", "model fp32", "1040", "52", "153542", "1", "1"], result.Table[2]);
        Assert.Contains("schema 4, 2080 scores, 3 runs", result.Error);
    }

    [Fact]
    public async Task Stats_tells_what_each_session_gave_and_what_each_run_found()
    {
        var sessions = (await _rlab.Succeed("cache", "stats", "--by", "session")).Rows;
        var runs = (await _rlab.Succeed("cache", "stats", "--by", "run", "--format", "json")).Json.AsArray();

        Assert.Equal([(BaseScorer, "1040", "1040"), (ShortScorer, "1040", "1040")],
            sessions.Select(s => (s["scorer"], s["scored"], s["scores"])));
        Assert.Equal([("demo-short", 0, 0.0), ("demo-base", 1040, 1.0), ("demo-base", 0, 0.0)],
            runs.Select(r => ((string)r!["name"]!, (int)r["hits"]!, (double)r["hit_rate"]!)));
    }

    [Fact]
    public async Task Stats_of_something_else_is_refused() =>
        Assert.Contains("--by: expected scorer, session or run, found 'moon'",
            await _rlab.Fail("cache", "stats", "--by", "moon"));

    [Fact]
    public async Task Prune_spares_what_recorded_runs_rank_and_says_so()
    {
        // Scores of pairs that no run ranks: those of the short scorer, whose run is gone.
        Change("PRAGMA foreign_keys = OFF; DELETE FROM run WHERE name = 'demo-short'");

        var result = await _rlab.Succeed("cache", "prune", "--older-than", "0d");

        Assert.Equal(["1040", "1040", "1", "1", "1040"], result.Table[1]);
        Assert.Contains("scores that recorded runs rank by, and that stay: 1040; --even-used deletes them too",
            result.Error);
        Assert.Equal([BaseScorer], _rlab.Query<string>("SELECT fingerprint FROM scorer"));
        Assert.Equal(1, _rlab.Single<int>("SELECT count(*) FROM session"));
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    [Fact]
    public async Task Pruned_scores_are_scored_again_and_recorded_runs_stay()
    {
        var before = (await _rlab.Succeed("export", "demo-base")).Out;
        var session = _rlab.Query<string>("SELECT uid FROM session ORDER BY started")[0];

        var pruned = await _rlab.Succeed("cache", "prune", "--session", session, "--even-used");

        Assert.Equal(["1040", "0", "0", "0", "1040"], pruned.Table[1]);
        Assert.Equal(before, (await _rlab.Succeed("export", "demo-base")).Out);
        Assert.Equal(1040, (int)(await _rlab.Succeed("run", "demo/base.yaml", "--format", "json")).Json["scored"]!);
    }

    [Fact]
    public async Task A_dry_run_of_prune_says_the_same_and_changes_nothing()
    {
        var dry = await _rlab.Succeed("cache", "prune", "--scorer", ShortScorer[..10], "--even-used", "--dry-run");
        Assert.Equal(2080, _rlab.Single<int>("SELECT count(*) FROM score"));

        var real = await _rlab.Succeed("cache", "prune", "--scorer", ShortScorer[..10], "--even-used");

        Assert.Equal(dry.Out, real.Out);
        Assert.Contains("a dry run: nothing was changed", dry.Error);
        Assert.Equal(1040, _rlab.Single<int>("SELECT count(*) FROM score"));
    }

    [Theory]
    [InlineData("error: nothing says which scores shall go")]
    [InlineData("error: --scorer: no scorer of this lab file has the name or the fingerprint 'xyz'", "--scorer", "xyz")]
    [InlineData("error: --scorer: expected a name or an id, found nothing", "--scorer", "")]
    [InlineData("error: --session: no session of this lab file has the id 'xyz'", "--session", "xyz")]
    [InlineData("error: --session: 2 sessions begin with '0'", "--session", "0")]
    [InlineData("error: --older-than: expected days such as 90d or a day such as 2026-01-31, found '3 weeks'",
        "--older-than", "3 weeks")]
    [InlineData("error: there is no lab file none.db", "--damaged", "--lab", "none.db")]
    public async Task Prune_refuses_what_it_cannot_understand_and_deletes_nothing(string error, params string[] options)
    {
        Assert.Contains(error, await _rlab.Fail(["cache", "prune", .. options]));
        Assert.Equal(2080, _rlab.Single<int>("SELECT count(*) FROM score"));
    }

    [Fact]
    public async Task Prune_by_age_takes_sessions_that_began_before()
    {
        Change("UPDATE session SET started = '2020-05-01T00:00:00.0000000+00:00' WHERE id = 1");

        var result = await _rlab.Succeed("cache", "prune", "--older-than", "2020-05-02", "--even-used");

        Assert.Equal("1040", result.Rows[0]["deleted"]);
        Assert.Equal([ShortScorer],
            _rlab.Query<string>("SELECT DISTINCT fingerprint FROM score JOIN scorer ON scorer.id = scorer"));
    }

    [Fact]
    public async Task Check_finds_a_good_file_good_and_changes_nothing()
    {
        var before = File.ReadAllBytes(_rlab.LabFile);

        var result = await _rlab.Succeed("cache", "check");

        Assert.All(result.Rows, r => Assert.Equal(("ok", "0"), (r["result"], r["count"])));
        Assert.Equal("", result.Error);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_rlab.LabFile)), "the lab file's bytes changed");
    }

    [Theory]
    [InlineData("check values of score",
        "UPDATE score SET logit = logit + 1 WHERE pair = (SELECT min(pair) FROM score)")]
    [InlineData("check values of score", "UPDATE score SET tokens = 1 WHERE pair = (SELECT min(pair) FROM score)")]
    [InlineData("check values of scorer", "UPDATE scorer SET kind = 'imported' WHERE id = 1")]
    [InlineData("check values of scorer_name", "UPDATE scorer_name SET precision = 'fp16' WHERE scorer = 1")]
    [InlineData("check values of session", "UPDATE session SET device = 'abacus' WHERE id = 1")]
    [InlineData("check values of candidate_query", "UPDATE candidate_query SET qid = 'q' WHERE ordinal = 3")]
    [InlineData("check values of qrels_query", "UPDATE qrels_query SET labels = '{}' WHERE ordinal = 3")]
    [InlineData("check values of run", "UPDATE run SET depth = 3 WHERE id = 1")]
    [InlineData("check values of run_query", "UPDATE run_query SET logits = logits + 1 WHERE run = 1 AND ordinal = 3")]
    [InlineData("check values of measure",
        "UPDATE measure SET value = 1 WHERE query IS NULL AND run = 1 AND name = 'AP'")]
    [InlineData("hashes of logits", "UPDATE logits SET data = zeroblob(length(data)) WHERE id = 3")]
    [InlineData("fingerprints of scorers",
        "UPDATE scorer SET spec = replace(spec, 'onnx', 'onxx') WHERE id = 1; UPDATE scorer SET spec = spec || ' '")]
    [InlineData("logits that are not finite",
        "UPDATE score SET logit = 9e999 WHERE pair = (SELECT min(pair) FROM score)")]
    [InlineData("references (foreign_key_check)", "PRAGMA foreign_keys = OFF; DELETE FROM session WHERE id = 1")]
    [InlineData("lists of runs", "DELETE FROM run_query WHERE run = 1 AND ordinal = 3")]
    public async Task Check_names_what_was_changed_behind_rlabs_back(string check, string sql)
    {
        Change(sql);

        var result = (await _rlab.Run("cache", "check")).MustExitWith(2);

        var found = result.Rows.Single(r => r["check"] == check);
        Assert.Equal("damage", found["result"]);
        Assert.NotEqual("", found["example"]);
        Assert.Contains($"failed: {check}: ", result.Error);
        Assert.Contains("sqlite3 lab.db .recover | sqlite3 recovered.db", result.Error);
    }

    [Fact]
    public async Task What_nobody_refers_to_is_a_note_and_no_damage()
    {
        Change("PRAGMA foreign_keys = OFF; DELETE FROM run_query; DELETE FROM measure; DELETE FROM run; " +
            "UPDATE session SET ended = NULL WHERE id = 2");

        var rows = (await _rlab.Succeed("cache", "check")).Rows.Where(r => r["result"] != "ok").ToList();

        Assert.All(rows, r => Assert.Equal("note", r["result"]));
        Assert.Equal(["lists of candidates without a run", "qrels without a run", "logits without a run",
                "sessions without an end (killed, or going on)"],
            rows.Select(r => r["check"]));
    }

    [Fact]
    public async Task A_damaged_score_is_never_served_and_scored_again()
    {
        var before = (await _rlab.Succeed("export", "demo-base")).Out;
        Change("UPDATE score SET logit = 99 WHERE scorer = 1 " +
            "AND pair IN (SELECT pair FROM score WHERE scorer = 1 LIMIT 3)");

        var result = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");

        Assert.Equal((1037, 3), ((int)result.Json["hits"]!, (int)result.Json["scored"]!));
        Assert.Contains("note: scores that do not agree with their check value", result.Error);
        Assert.Equal(before, (await _rlab.Succeed("export", "demo-base")).Out);
        Assert.Equal(0, _rlab.Single<int>("SELECT count(*) FROM score WHERE logit = 99"));
        await _rlab.Succeed("cache", "check");
    }

    [Fact]
    public async Task Without_the_model_a_damaged_score_is_refused()
    {
        Change("UPDATE score SET logit = 99 WHERE scorer = 1 " +
            "AND pair IN (SELECT pair FROM score WHERE scorer = 1 LIMIT 3)");
        Directory.Delete(_rlab["demo/model"], recursive: true);

        var result = (await _rlab.Run("run", "demo/base.yaml")).MustExitWith(1);

        Assert.Contains("note: scores that do not agree with their check value", result.Error);
        Assert.Contains("error: 3 of 1040 pairs have no score in the lab file", result.Error);
    }

    [Fact]
    public async Task Prune_damaged_deletes_damaged_scores_and_no_others()
    {
        Change("UPDATE score SET logit = 99 WHERE pair IN (SELECT pair FROM score WHERE scorer = 1 LIMIT 3)");

        var result = await _rlab.Succeed("cache", "prune", "--damaged");

        Assert.Equal(("6", "2074"), (result.Rows[0]["deleted"], result.Rows[0]["left"]));
        await _rlab.Succeed("cache", "check");
    }

    [Fact]
    public async Task A_damaged_run_is_left_out_of_listings_and_said()
    {
        Change("UPDATE run SET depth = 3 WHERE name = 'demo-short'");

        var result = await _rlab.Succeed("runs");

        Assert.Equal(["demo-base", "demo-base"], result.Rows.Select(r => r["name"]));
        Assert.Contains("lab.db: run demo-short (", result.Error);
        Assert.Contains("is damaged and left out: rlab cache check says more", result.Error);
    }

    [Theory]
    [InlineData("candidates",
        "UPDATE candidate_query SET documents = replace(documents, 'en', 'xx') WHERE ordinal = 3")]
    [InlineData("judgements", "UPDATE qrels_query SET labels = replace(labels, '1', '2') WHERE ordinal = 3")]
    [InlineData("logits", "UPDATE logits SET data = zeroblob(length(data))")]
    [InlineData("logits", "UPDATE run_query SET logits = 1 WHERE ordinal = 3")]
    [InlineData("logits", "DELETE FROM run_query WHERE ordinal = 3")]
    [InlineData("candidates", "DELETE FROM candidate_query WHERE ordinal = 3")]
    public async Task What_a_run_is_made_of_is_checked_when_it_is_read(string what, string sql)
    {
        Change(sql);

        var error = await _rlab.Fail("eval", "demo-base", "-m", "RR");

        Assert.Contains($"the lab file is damaged: the {what} of run 'demo-base'", error);
        Assert.Contains("hint: take a good copy", error);
    }

    [Fact]
    public async Task Compact_gives_the_room_of_deleted_scores_back()
    {
        await _rlab.Succeed("cache", "prune", "--older-than", "0d", "--even-used");
        long before = new FileInfo(_rlab.LabFile).Length;

        var result = await _rlab.Succeed("cache", "compact");

        long after = new FileInfo(_rlab.LabFile).Length;
        Assert.Equal([$"{before}", $"{after}"], result.Table[1]);
        Assert.True(after < before);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        await _rlab.Succeed("cache", "check");
    }

    [Fact]
    public async Task Compact_waits_for_nobody_and_says_who_has_the_file()
    {
        using var other = new SqliteConnection($"Data Source={_rlab.LabFile};Pooling=False");
        other.Open();
        other.Execute("BEGIN IMMEDIATE");

        var error = await _rlab.Fail("cache", "compact");

        Assert.Contains("another rlab", error);
        if (OperatingSystem.IsLinux()) Assert.Contains($"process {Environment.ProcessId}", error);
    }
}
