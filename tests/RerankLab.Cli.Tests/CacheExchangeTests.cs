using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

/// <summary>
/// Scores of scripts that come in, and cached scores that go out: <c>rlab cache import</c> and <c>export</c>.
/// </summary>
public sealed class CacheExchangeTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    /// <summary>What the article's script would have kept: a sigmoid by the MD5 of query and passage.</summary>
    async Task<Dictionary<string, double>> ScriptCache(params (int Number, double Value)[] changes)
    {
        var json = await demo.Rlab.Succeed("cache", "export", "--experiment", "demo/base.yaml", "--format", "article");
        var cache = JsonSerializer.Deserialize<Dictionary<string, double>>(json.Out)!;
        foreach (var (number, value) in changes) cache[cache.Keys.ElementAt(number)] = value;
        Write("rerank_cache.json", cache);
        _rlab.Write("script.yaml",
            "name: script",
            "dataset:",
            "  queries: demo/queries.tsv",
            "  corpus: demo/corpus.jsonl",
            "  run: demo/first-stage.trec",
            "  qrels: demo/qrels.txt",
            "scorer: { declared: script }",
            "ranking: { activation: none }");
        return cache;
    }

    void Write(string name, Dictionary<string, double> cache) =>
        File.WriteAllText(_rlab[name], JsonSerializer.Serialize(cache));

    Task<RlabResult> Import(params string[] options) =>
        _rlab.Succeed(["cache", "import", "rerank_cache.json", "script.yaml", "--as", "script", .. options]);

    [Fact]
    public async Task A_scripts_cache_comes_in_and_goes_out_again_value_for_value()
    {
        var cache = await ScriptCache((5, 1), (6, 0), (7, 0.1));
        var import = await Import();
        Assert.Equal(("1040", "1040", "0"),
            (import.Rows.Single()["added"], import.Rows.Single()["pairs"], import.Rows.Single()["unused_keys"]));
        Assert.Contains("note: values that were rounded to float32: 1", import.Error);

        await _rlab.Succeed("cache", "export", "--format", "article", "-o", "out.json");
        var exported = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(_rlab["out.json"]))!;
        cache[cache.Keys.ElementAt(7)] = 0.1f;
        Assert.Equal(cache.OrderBy(c => c.Key), exported.OrderBy(e => e.Key));
    }

    [Fact]
    public async Task An_experiment_uses_imported_scores_without_a_model()
    {
        await ScriptCache();
        await Import();
        Directory.Delete(_rlab["demo/model"], recursive: true);

        var run = await _rlab.Succeed("run", "script.yaml", "--format", "json");
        Assert.Equal("", run.Error);
        Assert.Equal((1040, 0), ((int)run.Json["hits"]!, (int)run.Json["misses"]!));
        // A sigmoid keeps the order.
        Assert.Equal((double)demo.Cold.Json["measures"]!["nDCG@10"]!, (double)run.Json["measures"]!["nDCG@10"]!);
        Assert.NotEqual((string?)demo.Cold.Json["scorer"], (string?)run.Json["scorer"]);
        Assert.Contains("\"declared\"", _rlab.Single<string>("SELECT spec FROM scorer"));
        Assert.Equal("declared", _rlab.Single<string>("SELECT kind FROM scorer"));
    }

    [Fact]
    public async Task With_the_sigmoid_inverted_logits_are_kept_and_saturated_values_are_counted_and_come_back()
    {
        var cache = await ScriptCache((5, 1), (6, 0));
        var import = await Import("--inverse-sigmoid");
        Assert.Equal("2", import.Rows.Single()["saturated"]);
        Assert.Contains("note: values of exactly 0 or 1, whose logits are lost: 2; " +
            "1 is taken for the logit 17.32868, 0 for -103.9721", import.Error);

        var exported = JsonSerializer.Deserialize<Dictionary<string, double>>(
            (await _rlab.Succeed("cache", "export", "--format", "article")).Out)!;
        Assert.Equal(cache.Keys.Order(), exported.Keys.Order());
        Assert.Equal((1, 0), (exported[cache.Keys.ElementAt(5)], exported[cache.Keys.ElementAt(6)]));
        // Of a float32 logit some digits of a small sigmoid are lost.
        Assert.All(cache, c => Assert.InRange(exported[c.Key], c.Value * (1 - 1e-6), c.Value * (1 + 1e-6)));
        var logits = demo.Rlab.Query<double>("SELECT logit FROM score WHERE scorer = 1 ORDER BY query, pair");
        var kept = _rlab.Query<double>("SELECT logit FROM score ORDER BY query, pair");
        Assert.Equal(1038, logits.Zip(kept).Count(l => Math.Abs(l.First - l.Second) < 1e-5));
    }

    [Fact]
    public async Task What_is_known_stays_and_keys_and_pairs_that_do_not_meet_are_counted()
    {
        var cache = await ScriptCache();
        await Import();
        var others = cache.Take(10).ToDictionary(c => c.Key, c => c.Value);
        others[others.Keys.First()] = 0.25;
        others[new string('0', 32)] = 0.5;
        Write("rerank_cache.json", others);

        var again = await Import();
        Assert.Equal(("0", "1040", "1", "1"), (again.Rows.Single()["added"], again.Rows.Single()["there_already"],
            again.Rows.Single()["differing"], again.Rows.Single()["unused_keys"]));
        Assert.Contains("note: pairs that have another score already, which stays: 1", again.Error);
        Assert.Contains("note: keys that no pair of the experiment has, left out: 1", again.Error);

        var few = await _rlab.Succeed("cache", "import", "rerank_cache.json", "script.yaml", "--as", "few");
        Assert.Equal("1030", few.Rows.Single()["missing"]);
        var error = (await _rlab.Run("run", "script.yaml", "--set", "scorer.declared=few")).MustExitWith(1);
        Assert.Equal("""
            error: 1030 of 1040 pairs have no score among those imported as 'few', and there is no model to score them
            hint: rlab cache import FILE EXPERIMENT.yaml --as few imports more; or leave those pairs out (dataset.depth)

            """.ReplaceLineEndings("\n"), error.Error);
    }

    [Theory]
    [InlineData("""{"KEY": NaN}""", "key KEY: NaN is no score")]
    [InlineData("""{"KEY": -Infinity}""", "key KEY: -Infinity is no score")]
    [InlineData("""{"KEY": 1e39}""", "key KEY: 1E+39 does not fit float32")]
    [InlineData("""{"KEY": "high"}""", "key KEY: expected a number, found high")]
    [InlineData("""{"KEY": null}""", "key KEY: expected a number, found null")]
    [InlineData("""{"abc": 1}""", "key abc: expected the MD5 of query_passage, 32 hex digits")]
    [InlineData("[1, 2]", "expected one JSON object, {\"MD5\": score, …}: ")]
    [InlineData("", "expected one JSON object, {\"MD5\": score, …}: ")]
    [InlineData("""{"KEY": 1} {}""", "expected one JSON object, {\"MD5\": score, …}: ")]
    public async Task What_is_no_cache_of_scores_is_refused_with_the_key_and_nothing_is_kept(
        string text, string message)
    {
        var key = (await ScriptCache()).Keys.First();
        File.WriteAllText(_rlab["rerank_cache.json"], text.Replace("KEY", key));

        var error = await _rlab.Fail("cache", "import", "rerank_cache.json", "script.yaml", "--as", "script");
        Assert.StartsWith("error: rerank_cache.json: " + message.Replace("KEY", key), error);
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task Values_that_are_no_sigmoids_and_keys_of_other_texts_are_refused()
    {
        var key = (await ScriptCache()).Keys.First();
        string[] import = ["cache", "import", "rerank_cache.json", "script.yaml", "--as", "script"];
        Write("rerank_cache.json", new() { [key] = 1.5 });
        Assert.StartsWith($"error: rerank_cache.json: key {key}: 1.5 is no sigmoid (0 to 1)",
            await _rlab.Fail([.. import, "--inverse-sigmoid"]));
        Write("rerank_cache.json", new() { [new string('1', 32)] = 0.5 });
        Assert.StartsWith("error: none of the 1 keys is of a pair of this experiment\nhint: the keys must be MD5 of",
            await _rlab.Fail(import));
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task Scores_of_one_name_on_two_scales_are_told_apart_by_their_fingerprint()
    {
        await ScriptCache();
        await Import();
        await Import("--inverse-sigmoid");

        var error = await _rlab.Fail("run", "script.yaml");
        Assert.StartsWith("error: the lab file has scores of 2 scales that were imported as 'script': ", error);
        var logits = _rlab.Single<string>("SELECT fingerprint FROM scorer WHERE spec LIKE '%logit%'");
        var run = await _rlab.Succeed(
            "run", "script.yaml", "--set", $"scorer.fingerprint={logits[..12]}", "--format", "json");
        Assert.Equal(logits, (string?)run.Json["scorer"]);
        Assert.StartsWith("error: scores that were imported ('script') cannot be verified",
            await _rlab.Fail("cache", "verify", "script.yaml"));
    }

    [Fact]
    public async Task A_declared_scorer_has_a_name_and_no_model()
    {
        _rlab.Write("both.yaml", "dataset: { candidates: a.jsonl }", "scorer: { declared: x, model: demo/model }");
        Assert.Contains("unknown key 'scorer.model'; expected one of: declared, fingerprint",
            await _rlab.Fail("run", "both.yaml"));
    }

    [Fact]
    public async Task CSV_and_JSON_lines_have_every_score_bit_for_bit()
    {
        var expected = demo.Rlab.Query<(string, long, string, double, int, string)>(
            """
            SELECT s.fingerprint, query, lower(hex(pair)), logit, tokens, e.uid
            FROM score JOIN scorer s ON s.id = score.scorer JOIN session e ON e.id = score.session
            """).Order().ToList();

        var csv = (await demo.Rlab.Succeed("cache", "export")).Out.TrimEnd().Split("\r\n");
        Assert.Equal("scorer,query,pair,logit,tokens,session", csv[0]);
        Assert.Equal(expected, csv.Skip(1).Select(l => l.Split(',')).Select(f => (f[0], long.Parse(f[1]), f[2],
            (double)float.Parse(f[3], CultureInfo.InvariantCulture), int.Parse(f[4]), f[5])).Order());

        await _rlab.Succeed("cache", "export", "--format", "jsonl", "--lab", demo.Rlab.LabFile, "-o", "scores.jsonl");
        Assert.Equal(expected, File.ReadLines(_rlab["scores.jsonl"]).Select(l => JsonNode.Parse(l)!).Select(j =>
            ((string)j["scorer"]!, (long)j["query"]!, (string)j["pair"]!, (double)(float)j["logit"]!, (int)j["tokens"]!,
                (string)j["session"]!)).Order());
    }

    [Fact]
    public async Task An_experiments_scores_come_with_its_ids_and_by_its_scorer()
    {
        var lines = (await demo.Rlab.Succeed("cache", "export", "--experiment", "demo/short.yaml")).Out
            .TrimEnd().Split("\r\n");
        Assert.EndsWith(",query_id,document_id", lines[0]);
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToList();
        Assert.All(rows, r => Assert.Equal((string?)demo.Short.Json["scorer"], r[0]));
        var exported = (await demo.Rlab.Succeed("export", demo.Uid(demo.Short))).Out.TrimEnd('\n').Split('\n')
            .Select(l => l.Split(' '));
        Assert.Equal(exported.Select(f => (f[0], f[2], f[4])).Order(), rows.Select(r => (r[6], r[7], r[3])).Order());
    }

    [Fact]
    public async Task One_scorer_is_chosen_by_a_prefix_and_a_scripts_cache_needs_one()
    {
        var scorer = (string)demo.Short.Json["scorer"]!;
        string[] export = ["cache", "export", "--format", "article"];
        Assert.StartsWith("error: the lab file has 2 scorers that fit: ", await demo.Rlab.Fail(export));
        var raw = (await demo.Rlab.Succeed([.. export, "--raw", "--scorer", scorer[..8]])).Json;
        var sigmoid = (await demo.Rlab.Succeed([.. export, "--scorer", scorer[..8]])).Json;
        Assert.Equal(1040, raw.AsObject().Count);
        Assert.All(raw.AsObject(), s =>
            Assert.Equal((float)(1 / (1 + Math.Exp(-(double)s.Value!))), (float)sigmoid[s.Key]!));
        Assert.StartsWith(
            "error: --scorer: no scorer of this lab file has the name 'none' or a fingerprint that begins so",
            await demo.Rlab.Fail("cache", "export", "--scorer", "none"));
        Assert.StartsWith("error: --format: expected csv, jsonl or article",
            await demo.Rlab.Fail("cache", "export", "--format", "xml"));
        Assert.StartsWith("error: --raw: ", await demo.Rlab.Fail("cache", "export", "--raw"));
    }
}
