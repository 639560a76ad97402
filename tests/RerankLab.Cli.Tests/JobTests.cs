using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary>
/// An experiment that goes to a machine without its files and comes back: <c>rlab cache pack</c>,
/// <c>rlab run JOB.db</c>, <c>rlab cache merge</c>.
/// </summary>
public sealed class JobTests(DemoLab demo) : IDisposable
{
    readonly Rlab _laptop = new Rlab().WithDemo();
    readonly Rlab _box = new();

    public void Dispose()
    {
        _laptop.Dispose();
        _box.Dispose();
    }

    /// <summary>Scores ranks 1 to 10 on the laptop, where ranks 11 to 20 are missing then.</summary>
    Task<RlabResult> ScoreHalf() => _laptop.Succeed("run", "demo/base.yaml", "--set", "dataset.depth=10");

    async Task<RlabResult> Pack(params string[] options) =>
        await _laptop.Succeed(["cache", "pack", "demo/base.yaml", "-o", "job.db", .. options]);

    /// <summary>Brings the job and the model to the box, and nothing else.</summary>
    void BringToBox(bool model = true)
    {
        _box.Copy(_laptop["job.db"], "job.db");
        if (!model) return;
        var folder = Path.Combine(Repository.Demo, "model");
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            _box.Copy(file, Path.Combine("model", Path.GetRelativePath(folder, file)));
    }

    static void Change(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Execute(sql);
    }

    static bool Has(string path, string text) =>
        File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    [Fact]
    public async Task A_job_is_run_where_there_is_only_the_model_and_back_home_nothing_is_missing()
    {
        await ScoreHalf();
        var packed = await Pack("--with-texts");
        Assert.Equal(("1040", "520", "520"),
            (packed.Rows.Single()["pairs"], packed.Rows.Single()["cached"], packed.Rows.Single()["to_score"]));
        Assert.Contains("note: job.db holds texts of your data", packed.Error);
        BringToBox();

        var run = await _box.Succeed("run", "job.db", "--format", "json");
        Assert.Equal((520, 520, 520), ((int)run.Json["hits"]!, (int)run.Json["misses"]!, (int)run.Json["scored"]!));
        Assert.Equal("complete", (string?)run.Json["status"]);
        foreach (var key in new[] { "measures", "first_stage", "coverage", "scorer", "depth" })
            Assert.Equal(demo.Cold.Json[key]!.ToJsonString(), run.Json[key]!.ToJsonString());
        Assert.Equal(["job.db", "model"],
            Directory.GetFileSystemEntries(_box.WorkFolder).Select(f => Path.GetFileName(f)).Order());
        var exported = (await _box.Succeed("export", "--lab", "job.db")).Out;

        _laptop.Copy(_box["job.db"], "back.db");
        await _laptop.Succeed("cache", "merge", "back.db", "--into", "lab.db");
        Assert.Equal(exported, (await _laptop.Succeed("export", (string)run.Json["run"]!)).Out);
        // The experiment's texts are found from here, by the path that was packed.
        Assert.StartsWith("[",
            (await _laptop.Succeed("export", (string)run.Json["run"]!, "--format", "submission")).Out);
        var again = await _laptop.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.Equal((1040, 0), ((int)again.Json["hits"]!, (int)again.Json["misses"]!));
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), again.Json["measures"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_texts_only_what_is_cached_can_be_run()
    {
        await ScoreHalf();
        var packed = await Pack();
        Assert.Contains("note: 520 pairs have no score yet, and their texts are not in job.db: --with-texts",
            packed.Error);
        BringToBox();
        var before = File.ReadAllBytes(_box["job.db"]);

        var error = (await _box.Run("run", "job.db")).MustExitWith(1);
        Assert.Contains("error: 520 of 1040 pairs have no score", error.Error);
        Assert.Contains("of 520 of them the texts are not in job.db\nhint: pack the experiment with", error.Error);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_box["job.db"])), "the job changed");
        var half = await _box.Succeed("run", "job.db", "--set", "dataset.depth=10", "--format", "json");
        Assert.Equal((520, 0), ((int)half.Json["hits"]!, (int)half.Json["misses"]!));
    }

    [Fact]
    public async Task A_job_whose_pairs_are_all_cached_needs_no_model()
    {
        _laptop.Copy(demo.Rlab.LabFile, "lab.db");
        await Pack();
        BringToBox(model: false);

        var run = await _box.Succeed("run", "job.db", "--format", "json");
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
    }

    [Fact]
    public async Task Texts_are_packed_only_where_asked_only_of_pairs_without_a_score_and_are_not_merged()
    {
        var (cached, missing) = ("a passage that was scored", "a passage that is new");
        _laptop.Write("old.jsonl",
            $$"""{"id": "q", "query": "which one", "passages": [{"id": "a", "text": "{{cached}}"}]}""");
        var passages = $$"""{"id": "a", "text": "{{cached}}"}, {"id": "b", "text": "{{missing}}"}""";
        _laptop.Write("new.jsonl", $$"""{"id": "q", "query": "which one", "passages": [{{passages}}]}""");
        _laptop.Write("exp.yaml", "name: e", "dataset: { candidates: new.jsonl }", "scorer: { model: demo/model }");
        await _laptop.Succeed("run", "exp.yaml", "--set", "dataset.candidates=old.jsonl");

        await _laptop.Succeed("cache", "pack", "exp.yaml", "-o", "bare.db");
        await _laptop.Succeed("cache", "pack", "exp.yaml", "-o", "full.db", "--with-texts");
        await _laptop.Succeed("cache", "merge", "full.db", "--into", "merged.db");

        Assert.Equal((false, false), (Has(_laptop["bare.db"], cached), Has(_laptop["bare.db"], missing)));
        Assert.Equal((false, true), (Has(_laptop["full.db"], cached), Has(_laptop["full.db"], missing)));
        Assert.Equal((false, false), (Has(_laptop["merged.db"], cached), Has(_laptop["merged.db"], missing)));
    }

    [Fact]
    public async Task What_was_packed_decides_but_for_settings_that_win_over_it()
    {
        await Pack("--with-texts", "--set", "scorer.max_length=100");
        BringToBox();

        Assert.Equal("error: --set dataset.qrels=x: the dataset of a job is the one that was packed; " +
            "only dataset.depth can be set, to less\n", await _box.Fail("run", "job.db", "--set", "dataset.qrels=x"));
        Assert.Contains("this job was packed to depth 20",
            await _box.Fail("run", "job.db", "--set", "dataset.depth=21"));
        Assert.StartsWith("error: --lab: a job's scores and run go into the job file itself",
            await _box.Fail("run", "job.db", "--lab", "lab.db"));
        _box.Variables["RLAB_LAB"] = "other.db";
        var run = await _box.Succeed(
            "run", "job.db", "--set", "dataset.depth=3", "--set", "name=mine", "--format", "json");
        Assert.Equal((156, "mine", 3), ((int)run.Json["pairs"]!, (string?)run.Json["name"], (int)run.Json["depth"]!));
        var runs = await _box.Succeed("sql", "SELECT max_length FROM runs", "--lab", "job.db");
        Assert.Equal("100", runs.Rows.Single()["max_length"]);
        Assert.False(File.Exists(_box["other.db"]));
    }

    [Fact]
    public async Task A_models_path_that_leads_out_of_the_jobs_folder_is_followed_only_where_the_user_names_it()
    {
        await _laptop.Succeed("cache", "pack", "demo/base.yaml", "-o", "job.db", "--with-texts",
            "--set", $"scorer.model={_laptop["demo/model"]}", "--set", "dataset.depth=1");
        BringToBox(model: false);

        var refused = (await _box.Run("run", "job.db")).MustExitWith(1);
        Assert.Contains(
            "note: the model's path leads out of the folder of job.db, and a job's paths are not followed there",
            refused.Error);
        var run = await _box.Succeed(
            "run", "job.db", "--set", $"scorer.model={_laptop["demo/model"]}", "--format", "json");
        Assert.Equal(52, (int)run.Json["scored"]!);
    }

    [Theory]
    [InlineData("UPDATE job_text SET text = CAST('another text' AS BLOB) WHERE id = 2")]
    [InlineData("UPDATE job_query SET query = 2 WHERE ordinal = 0")]
    [InlineData("UPDATE job SET experiment = replace(experiment, '512', '256')")]
    [InlineData("UPDATE candidate_query SET qid = 'x'")]
    public async Task A_job_that_is_not_what_was_packed_is_refused_and_nothing_is_scored(string damage)
    {
        await Pack("--with-texts");
        BringToBox();
        Change(_box["job.db"], damage);

        Assert.StartsWith("error: job.db: the lab file is damaged: ", await _box.Fail("run", "job.db"));
        using var connection = new SqliteConnection($"Data Source={_box["job.db"]};Mode=ReadOnly;Pooling=False");
        Assert.Equal(0, connection.ExecuteScalar<int>("SELECT count(*) FROM score"));
    }

    [Fact]
    public async Task What_is_no_job_and_what_would_be_overwritten_is_refused()
    {
        _laptop.Copy(demo.Rlab.LabFile, "lab.db");
        Assert.StartsWith(
            "error: lab.db: there is no job in this lab file\nhint: rlab run takes an experiment file, or ",
            await _laptop.Fail("run", "lab.db"));
        var before = File.ReadAllBytes(_laptop.LabFile);
        Assert.Equal("error: lab.db: this file exists already\nhint: name another, or delete it\n",
            await _laptop.Fail("cache", "pack", "demo/base.yaml", "-o", "lab.db"));
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_laptop.LabFile)));
        Assert.Contains("cannot open this file",
            await _laptop.Fail("cache", "pack", "demo/base.yaml", "-o", "none/job.db"));
        Change(_laptop["other.db"], "CREATE TABLE recipe (name TEXT)");
        Assert.StartsWith("error: other.db: this is not a lab file of rlab", await _laptop.Fail("run", "other.db"));
    }
}
