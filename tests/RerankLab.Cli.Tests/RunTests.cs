using System.Text;
using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

public sealed class RunTests(DemoLab demo)
{
    static readonly string[] Contract =
    [
        "run", "name", "status", "pairs", "unique_pairs", "hits", "misses", "scored", "truncated", "tokens",
            "padded_tokens",
        "seconds", "device", "measures", "queries", "coverage",
    ];

    [Fact]
    public void Json_has_every_key_that_scripts_rely_on()
    {
        var json = demo.Cold.Json.AsObject();
        Assert.Empty(Contract.Except(json.Select(p => p.Key)));
        Assert.True(Guid.TryParse((string?)json["run"], out var uid) && uid.Version == 7);
        Assert.Equal("demo-base", (string?)json["name"]);
        Assert.Equal("complete", (string?)json["status"]);
        Assert.Equal("cpu", (string?)json["device"]);
        Assert.Equal(52, (int?)json["queries"]);
        Assert.Equal(["nDCG@10", "RR@10", "R@10", "AP"], json["measures"]!.AsObject().Select(m => m.Key));
        Assert.All(json["seconds"]!.AsObject(), s => Assert.True((double?)s.Value >= 0));
        Assert.Equal(0, (int?)json["coverage"]!["pairs_missing"]);
        Assert.Equal(52, (int?)json["coverage"]!["judged_queries"]);
    }

    [Fact]
    public void The_first_run_scores_every_pair_and_the_second_none()
    {
        Assert.Equal((1040, 1040, 0, 1040, 1040), Work(demo.Cold.Json));
        Assert.Equal((1040, 1040, 1040, 0, 0), Work(demo.Warm.Json));
        var (tokens, padded) = ((long?)demo.Cold.Json["tokens"], (long?)demo.Cold.Json["padded_tokens"]);
        Assert.InRange(tokens!.Value, 1040, padded!.Value);
        Assert.Equal(0, (long?)demo.Warm.Json["tokens"]);
        Assert.Null(demo.Warm.Json["device"]);
    }

    [Fact]
    public void A_warm_run_gives_the_same_measures_and_the_same_ranking_to_the_byte()
    {
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), demo.Warm.Json["measures"]!.ToJsonString());
        Assert.Equal(1040, demo.ColdExport.Count(c => c == '\n'));
        Assert.Equal(demo.ColdExport, demo.WarmExport);
    }

    [Fact]
    public void Every_run_is_kept_and_identical_logits_are_stored_once()
    {
        Assert.NotEqual(demo.Uid(demo.Cold), demo.Uid(demo.Warm));
        Assert.Equal(2, demo.Rlab.Single<int>("SELECT count(*) FROM run WHERE name = 'demo-base'"));
        Assert.Equal(52,
            demo.Rlab.Single<int>(
                "SELECT count(DISTINCT logits) FROM run_query JOIN run ON run.id = run WHERE name = 'demo-base'"));
    }

    [Fact]
    public void Re_ranking_beats_the_first_stage_clearly()
    {
        double reranked = (double)demo.Cold.Json["measures"]!["nDCG@10"]!,
            first = (double)demo.Cold.Json["first_stage"]!["nDCG@10"]!;
        Assert.InRange(first, 0.3, 0.6);
        Assert.InRange(reranked - first, 0.2, 1);
    }

    [Fact]
    public void One_closed_file_is_left_without_an_absolute_path_inside()
    {
        Assert.Equal(["lab.db"], demo.Rlab.LabFiles);
        Assert.Equal(["demo", "lab.db"], Directory.GetFileSystemEntries(demo.Rlab.WorkFolder)
            .Select(f => Path.GetFileName(f)).Order());
        var bytes = File.ReadAllBytes(demo.Rlab.LabFile);
        // The journal mode that the file itself asks for: 1 is a rollback journal, 2 would be WAL.
        Assert.Equal([1, 1], bytes[18..20]);
        Assert.Equal(["demo/base.yaml", "demo/short.yaml"],
            demo.Rlab.Query<string>("SELECT DISTINCT experiment_path FROM run ORDER BY 1"));
        foreach (var path in new[] { demo.Rlab.WorkFolder, Repository.Root, Path.GetDirectoryName(Rlab.Program)! })
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(path)) < 0, $"the lab file names {path}");
    }

    [Fact]
    public void Stdout_is_data_and_stderr_is_talk()
    {
        Assert.StartsWith("{", demo.Cold.Out);
        Assert.Contains("note: scoring 1040 of 1040 pairs on cpu", demo.Cold.Error);
        Assert.All(demo.Cold.Error.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("note: ", line));
        Assert.Equal("", demo.Warm.Error);
    }

    [Fact]
    public void A_smaller_max_length_is_another_scorer_and_the_note_says_so()
    {
        Assert.Equal((1040, 1040, 0, 1040, 1040), Work(demo.Short.Json));
        Assert.NotEqual((string?)demo.Cold.Json["scorer"], (string?)demo.Short.Json["scorer"]);
        Assert.Contains("which are not shared: it differs in max_length (there 512, here 64)", demo.Short.Error);
        Assert.DoesNotContain("not shared", demo.Cold.Error);
        Assert.InRange((int)demo.Short.Json["truncated"]!, 1000, 1040);
        Assert.Equal(0, (int?)demo.Cold.Json["truncated"]);
    }

    [Fact]
    public async Task Set_overrides_a_key_and_lab_names_another_file()
    {
        using var rlab = new Rlab().WithDemo();
        var run = await rlab.Succeed("run", "demo/base.yaml", "--lab", "other.db", "--set", "scorer.max_length=64",
            "--set", "name=cut",
            "--format", "json");
        Assert.Equal((string?)demo.Short.Json["scorer"], (string?)run.Json["scorer"]);
        Assert.Equal("cut", (string?)run.Json["name"]);
        Assert.Equal(demo.Short.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
        Assert.True(File.Exists(rlab["other.db"]));
        Assert.Empty(rlab.LabFiles);
        var facts = (await rlab.Succeed("show", "--lab", "other.db", "--format", "json")).Json.AsArray();
        Assert.Equal(["scorer.max_length=64", "name=cut"],
            facts.Where(f => (string?)f!["key"] == "set").Select(f => (string?)f!["value"]));
    }

    [Fact]
    public async Task The_variable_RLAB_LAB_names_the_lab_file_unless_the_option_does()
    {
        using var rlab = new Rlab();
        rlab.Variables["RLAB_LAB"] = demo.Rlab.LabFile;
        Assert.Equal(4, (await rlab.Succeed("runs")).Table.Count);
        Assert.Contains("there is no lab file here.db", await rlab.Fail("runs", "--lab", "here.db"));
    }

    [Fact]
    public async Task The_experiment_can_name_the_lab_file_relative_to_itself()
    {
        using var rlab = new Rlab().WithDemo();
        await rlab.Succeed("run", "demo/base.yaml", "--set", "lab=own.db", "--set", "dataset.depth=1");
        Assert.True(File.Exists(rlab["demo/own.db"]));
        Assert.Equal("base.yaml", (await rlab.Succeed("show", "--lab", "demo/own.db")).Facts["experiment_path"]);
    }

    [Fact]
    public async Task Scores_are_found_again_on_a_processor_without_AVX2()
    {
        using var rlab = new Rlab().WithDemo();
        await rlab.Succeed("run", "demo/base.yaml");

        rlab.Variables["DOTNET_EnableAVX2"] = "0";
        var (_, unique, hits, misses, _) = Work((await rlab.Succeed("run", "demo/base.yaml", "--format", "json")).Json);

        Assert.Equal((unique, 0), (hits, misses));
    }

    static (int Pairs, int Unique, int Hits, int Misses, int Scored) Work(JsonNode json) =>
        ((int)json["pairs"]!, (int)json["unique_pairs"]!, (int)json["hits"]!, (int)json["misses"]!,
            (int)json["scored"]!);
}
