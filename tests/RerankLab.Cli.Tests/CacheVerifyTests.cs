using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

public sealed class CacheVerifyTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    /// <summary>The scores of the demo's cold run.</summary>
    void BringLab() => _rlab.Copy(demo.Rlab.LabFile, "lab.db");

    void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_rlab.LabFile};Pooling=False");
        connection.Execute(sql);
    }

    /// <summary>A pair of the first candidate list, as SQL, and the ids it is known by.</summary>
    (string Where, string Query, string Document) Pair(int query, int candidate)
    {
        var of = $"FROM candidate_query WHERE candidates = 1 AND ordinal = {query}";
        return ($"scorer = (SELECT id FROM scorer WHERE fingerprint = '{(string)demo.Cold.Json["scorer"]!}') " +
                $"AND pair = (SELECT substr(pairs, {16 * candidate + 1}, 16) {of})",
            _rlab.Single<string>($"SELECT qid {of}"), _rlab.Single<string>($"SELECT json_extract(documents, '$[{candidate}]') {of}"));
    }

    [Fact]
    public async Task Scores_of_this_machine_are_verified_to_the_bit_and_nothing_is_written()
    {
        BringLab();
        var before = File.ReadAllBytes(_rlab.LabFile);

        var result = await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--format", "json");

        var json = result.Json;
        Assert.True((bool)json["passes"]!);
        Assert.Equal((1040, 200, 0, 0), ((int)json["cached"]!, (int)json["compared"]!, (double)json["max_difference"]!, (int)json["flips"]!["flips"]!));
        Assert.Contains("note: scoring 200 of 1040 cached pairs again on cpu (CPUExecutionProvider)\n", result.Error);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_rlab.LabFile)), "the lab file's bytes changed");
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    [Fact]
    public async Task Json_has_every_key_that_is_documented()
    {
        BringLab();
        var json = (await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--sample", "50", "--seed", "7", "--format", "json")).Json.AsObject();

        string[] comparison = ["compared", "max_difference", "mean_difference", "largest", "above_tolerance", "tokens_differ",
            "first_of_other_length", "not_finite", "first_not_finite"];
        Assert.Equal(["passes", "scorer", "approximate", "tolerance", "tolerance_reason", "seed", "device", "provider", "versions", "cached",
            .. comparison, "flips", "sessions"], json.Select(p => p.Key));
        Assert.Equal(["flips", "pairs", "queries_with_flips", "queries"], json["flips"]!.AsObject().Select(p => p.Key));
        Assert.Equal(["query", "document", "cached_logit", "logit", "cached_tokens", "tokens"], json["largest"]!.AsObject().Select(p => p.Key));
        var session = Assert.Single(json["sessions"]!.AsArray())!.AsObject();
        Assert.Equal(["session", "started", "device", "provider", "versions", "setup_differs", "passes", "cached", .. comparison],
            session.Select(p => p.Key));
        Assert.Equal((string?)demo.Cold.Json["scorer"], (string?)json["scorer"]);
        Assert.Equal((7, 50, 1e-4, false), ((int)json["seed"]!, (int)json["compared"]!, (double)json["tolerance"]!, (bool)json["approximate"]!));
        Assert.NotNull(session["versions"]!["onnxruntime"]);
        Assert.Equal(_rlab.Query<string>("SELECT uid FROM session ORDER BY id")[0], (string?)session["session"]);
    }

    [Fact]
    public async Task A_changed_score_fails_and_is_named_with_its_session()
    {
        BringLab();
        var (where, query, document) = Pair(query: 3, candidate: 5);
        Change($"UPDATE score SET logit = logit + 0.01 WHERE {where}");

        var result = (await _rlab.Run("cache", "verify", "demo/base.yaml", "--sample", "all", "--format", "json")).MustExitWith(2);

        var json = result.Json;
        Assert.False((bool)json["passes"]!);
        Assert.Equal((1040, 1), ((int)json["compared"]!, (int)json["above_tolerance"]!));
        Assert.Equal((query, document), ((string)json["largest"]!["query"]!, (string)json["largest"]!["document"]!));
        Assert.Equal(0.01, (double)json["max_difference"]!, 1e-6);
        Assert.Equal(0.01 / 1040, (double)json["mean_difference"]!, 1e-9);
        Assert.Equal(0.01, (double)json["largest"]!["cached_logit"]! - (double)json["largest"]!["logit"]!, 1e-6);
        Assert.Contains($"failed: logits that moved by more than 1E-4: 1 of 1040, by 1E-2 at most: query '{query}', " +
            $"document '{document}', cached ", result.Error);
        Assert.Contains($"note: session {(string)json["sessions"]![0]!["session"]!} (cpu, ", result.Error);
        Assert.Contains("nothing recorded differs from here", result.Error);
        Assert.Contains("note: no session agrees with this machine", result.Error);

        await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--sample", "all", "--tolerance", "0.011");
        // The other experiment has a scorer of its own.
        await _rlab.Succeed("cache", "verify", "demo/short.yaml", "--sample", "all");
    }

    [Fact]
    public async Task A_change_of_order_is_counted()
    {
        BringLab();
        var (where, query, _) = Pair(query: 0, candidate: 0);
        Change($"UPDATE score SET logit = 1000 WHERE {where}");
        var logits = (await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--sample", "all", "--tolerance", "10000", "--format", "json")).Json;
        Assert.Equal(query, (string)logits["largest"]!["query"]!);
        Assert.Equal((1, 52), ((int)logits["flips"]!["queries_with_flips"]!, (int)logits["flips"]!["queries"]!));
        Assert.InRange((int)logits["flips"]!["flips"]!, 1, 19);
        Assert.Equal(52 * 190, (int)logits["flips"]!["pairs"]!);
    }

    [Fact]
    public async Task Two_sessions_are_both_sampled_and_the_one_that_is_off_is_named()
    {
        await _rlab.Succeed("run", "demo/base.yaml", "--set", "dataset.depth=2");
        await _rlab.Succeed("run", "demo/base.yaml");
        var sessions = _rlab.Query<string>("SELECT uid FROM session ORDER BY started");
        Assert.Equal(2, sessions.Count);
        Change($"UPDATE score SET logit = logit - 0.01 WHERE session = (SELECT id FROM session WHERE uid = '{sessions[0]}')");
        Change($"UPDATE session SET device = 'cuda', provider = 'CUDAExecutionProvider' WHERE uid = '{sessions[0]}'");

        var result = (await _rlab.Run("cache", "verify", "demo/base.yaml", "--sample", "60", "--format", "tsv")).MustExitWith(2);

        Assert.Equal(["all", .. sessions], result.Rows.Select(r => r["session"]));
        Assert.Equal(["1040", "104", "936"], result.Rows.Select(r => r["cached"]));
        Assert.Equal(["60", "30", "30"], result.Rows.Select(r => r["compared"]));
        Assert.Equal(["30", "30", "0"], result.Rows.Select(r => r["above_tolerance"]));
        Assert.Equal(["cpu", "cuda", "cpu"], result.Rows.Select(r => r["device"]));
        Assert.Equal(0.005, double.Parse(result.Rows[0]["mean_difference"]), 1e-6);
        Assert.Contains($"note: session {sessions[0]} (cuda, ", result.Error);
        Assert.Contains("differs from here in device (there cuda, here cpu), provider (there CUDAExecutionProvider, here CPUExecutionProvider)", result.Error);
        Assert.DoesNotContain(sessions[1], result.Error);
        Assert.Contains("note: sessions that agree with this machine: 1; drop the scores of those that do not", result.Error);
    }

    [Fact]
    public async Task What_the_documentation_says_to_drop_a_session_lets_a_run_score_it_anew()
    {
        BringLab();
        Change("UPDATE score SET logit = logit + 1");
        var json = (await _rlab.Run("cache", "verify", "demo/base.yaml", "--format", "json")).MustExitWith(2).Json;
        Change($"DELETE FROM score WHERE session = (SELECT id FROM session WHERE uid = '{(string)json["sessions"]![0]!["session"]!}')");
        await _rlab.Succeed("run", "demo/base.yaml");
        await _rlab.Succeed("cache", "verify", "demo/base.yaml");
    }

    [Fact]
    public async Task Another_number_of_tokens_fails()
    {
        BringLab();
        var (where, query, document) = Pair(query: 9, candidate: 1);
        Change($"UPDATE score SET tokens = tokens + 3 WHERE {where}");
        var result = (await _rlab.Run("cache", "verify", "demo/base.yaml", "--sample", "all")).MustExitWith(2);
        Assert.Contains($"failed: pairs with another number of tokens than is cached: 1, e.g. query '{query}', document '{document}' (cached ", result.Error);
    }

    [Fact]
    public async Task A_table_says_it_in_words()
    {
        BringLab();
        var table = (await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--sample", "40", "--format", "table")).Out;
        Assert.Contains("40 of 1040 cached pairs scored again on cpu (CPUExecutionProvider, onnxruntime ", table);
        Assert.Contains("Largest difference 0: query '", table);
        Assert.Contains("Orders that changed: 0 of 380 pairs of candidates, in 0 of 2 queries.", table);
    }

    [Fact]
    public async Task Scores_of_another_scorer_are_none()
    {
        BringLab();
        var error = await _rlab.Fail("cache", "verify", "demo/base.yaml", "--set", "scorer.max_length=100");
        Assert.StartsWith("error: nothing to verify: no pair of this experiment has a score of this very scorer (", error);
        Assert.Contains("hint: the lab file has scores of 'model' by another scorer", error);
        Assert.Contains("max_length (there 64, here 100)", error);
    }

    [Fact]
    public async Task Without_a_lab_file_there_is_nothing_to_verify_and_none_is_made()
    {
        Assert.StartsWith("error: there is no lab file lab.db", await _rlab.Fail("cache", "verify", "demo/base.yaml"));
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task Without_its_model_a_cache_cannot_be_verified()
    {
        BringLab();
        Directory.Delete(_rlab["demo/model"], recursive: true);
        var error = await _rlab.Fail("cache", "verify", "demo/base.yaml");
        Assert.StartsWith("error: cached scores are verified by their model, which is not on this machine: there is no model folder demo/model", error);
        Assert.Contains("\nhint: verify where the model is", error);
    }

    [Theory]
    [InlineData("--sample", "0", "--sample: expected a number above 0 or all, found '0'")]
    [InlineData("--sample", "some", "--sample: expected a number above 0 or all, found 'some'")]
    [InlineData("--tolerance", "-1", "--tolerance: expected 0 or more, found -1")]
    [InlineData("--tolerance", "NaN", "--tolerance: expected 0 or more, found NaN")]
    public async Task Options_that_cannot_be_are_refused(string option, string value, string problem)
    {
        Assert.StartsWith($"error: {problem}", await _rlab.Fail("cache", "verify", "demo/base.yaml", $"{option}={value}"));
    }

    /// <summary>The scale of dynamic quantisation is of the whole batch, so that each pair's score depends on the others'.</summary>
    [Fact]
    public async Task An_approximate_scorer_is_verified_with_its_own_tolerance_in_other_batches()
    {
        Models.Write(_rlab, "demo/model", Models.DynamicInt8());
        await _rlab.Succeed("run", "demo/base.yaml", "--set", "run.batch_tokens=4096");

        var (same, other) = (await Verify(4096), await Verify(1));

        Assert.True((bool)same["approximate"]! && (bool)other["approximate"]!);
        Assert.Equal(0, (double)same["max_difference"]!);
        Assert.InRange((double)other["max_difference"]!, 1e-3, (double)other["tolerance"]!);
        Assert.True((bool)other["passes"]!);
        Assert.StartsWith("approximate: dynamic quantisation", (string)other["tolerance_reason"]!);
        (await _rlab.Run("cache", "verify", "demo/base.yaml", "--sample", "all", "--tolerance", "1e-4", "--set", "run.batch_tokens=1")).MustExitWith(2);

        async Task<JsonNode> Verify(int batchTokens) => (await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--sample", "all",
            "--set", $"run.batch_tokens={batchTokens}", "--format", "json")).Json;
    }
}
