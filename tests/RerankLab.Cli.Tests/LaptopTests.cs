namespace RerankLab.Cli.Tests;

/// <summary>The half of the work that is done where the model is not: everything comes from the lab file.</summary>
public sealed class LaptopTests(DemoLab demo) : IDisposable
{
    const string FromTheLab = "note: demo/model is not on this machine; using the lab file's scores of 'model'";

    readonly Rlab _laptop = new Rlab().WithDemo();

    void BringLabButNoModel()
    {
        _laptop.Copy(demo.Rlab.LabFile, "lab.db");
        Directory.Delete(_laptop["demo/model"], recursive: true);
    }

    public void Dispose() => _laptop.Dispose();

    [Fact]
    public async Task A_cached_run_needs_no_model_and_ranks_the_same()
    {
        BringLabButNoModel();
        var run = await _laptop.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.StartsWith(FromTheLab, run.Error);
        Assert.Equal((1040, 0, 0), ((int)run.Json["hits"]!, (int)run.Json["misses"]!, (int)run.Json["scored"]!));
        Assert.Equal("complete", (string?)run.Json["status"]);
        Assert.Equal((string?)demo.Cold.Json["scorer"], (string?)run.Json["scorer"]);
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
        Assert.Equal(demo.ColdExport, (await _laptop.Succeed("export")).Out);
        Assert.Equal(["lab.db"], _laptop.LabFiles);
    }

    [Fact]
    public async Task A_folder_without_its_weights_will_do()
    {
        BringLabButNoModel();
        foreach (var name in new[] { "tokenizer.json", "config.json" })
            _laptop.Copy(Path.Combine(Repository.Demo, "model", name), "demo/model/" + name);
        var run = await _laptop.Succeed("run", "demo/short.yaml", "--format", "json");
        Assert.StartsWith(FromTheLab, run.Error);
        Assert.Equal(demo.Short.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
    }

    [Fact]
    public async Task Eval_diff_and_export_need_the_lab_file_alone()
    {
        using var rlab = new Rlab();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var before = File.ReadAllBytes(rlab.LabFile);
        string[][] commands = [["eval", "demo-base"], ["diff", "demo-base", "demo-short"], ["export", "demo-base"],
            ["runs"], ["show", "demo-base"]];
        foreach (var command in commands)
        {
            var (here, there) = (await rlab.Succeed(command), await demo.Rlab.Succeed(command));
            Assert.NotEqual("", here.Out);
            Assert.Equal(there, here);
        }
        Assert.Equal(before, File.ReadAllBytes(rlab.LabFile));
        Assert.Equal(["lab.db"], Directory.GetFileSystemEntries(rlab.WorkFolder).Select(f => Path.GetFileName(f)));
    }

    [Fact]
    public async Task A_new_pair_is_an_error_that_says_how_many_are_missing_and_what_to_do()
    {
        BringLabButNoModel();
        File.AppendAllText(_laptop["demo/first-stage.trec"], "en01 Q0 zh-cold-1 1 99 crude-tf\n");
        var before = File.ReadAllBytes(_laptop.LabFile);
        var error = await _laptop.Run("run", "demo/base.yaml");
        error.MustExitWith(1);
        Assert.Equal("", error.Out);
        Assert.Contains(
            "error: 1 of 1040 pairs have no score in the lab file, and their model is not on this machine: ",
            error.Error);
        Assert.EndsWith(
            "\nhint: run this experiment where the model is, and copy lab.db* back; or bring the model folder here\n",
            error.Error);
        Assert.DoesNotContain("   at ", error.Error);
        Assert.Equal(["lab.db"], _laptop.LabFiles);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_laptop.LabFile)), "the lab file's bytes changed");
    }

    [Fact]
    public async Task Without_model_and_without_lab_file_every_pair_is_missing_and_no_lab_file_is_made()
    {
        Directory.Delete(_laptop["demo/model"], recursive: true);
        var error = await _laptop.Fail("run", "demo/base.yaml");
        Assert.Contains("error: 1040 of 1040 pairs have no score in the lab file", error);
        Assert.Contains("\nhint: run this experiment where the model is", error);
        Assert.Equal(["demo"], Directory.GetFileSystemEntries(_laptop.WorkFolder).Select(f => Path.GetFileName(f)));
    }

    [Fact]
    public async Task Several_scorers_that_fit_are_listed_and_a_fingerprint_pins_one()
    {
        BringLabButNoModel();
        _laptop.Write("demo/open.yaml",
            "name: open",
            "dataset: { queries: queries.tsv, corpus: corpus.jsonl, run: first-stage.trec, qrels: qrels.txt }",
            "scorer: { model: model }");
        var (longer, shorter) = (((string)demo.Cold.Json["scorer"]!)[..12], ((string)demo.Short.Json["scorer"]!)[..12]);

        var error = await _laptop.Fail("run", "demo/open.yaml");
        Assert.StartsWith("error: demo/model is not on this machine, and the lab file knows 2 scorers that fit: ",
            error);
        Assert.Contains($"{longer} (max_length 512)", error);
        Assert.Contains($"{shorter} (max_length 64)", error);
        Assert.Contains("\nhint: choose one, e.g. --set scorer.fingerprint=", error);

        foreach (var (fingerprint, run) in new[] { (longer, demo.Cold), (shorter, demo.Short) })
        {
            var pinned = await _laptop.Succeed("run", "demo/open.yaml", "--set", $"scorer.fingerprint={fingerprint}",
                "--format", "json");
            Assert.Equal((string?)run.Json["scorer"], (string?)pinned.Json["scorer"]);
            Assert.Equal((double)run.Json["measures"]!["nDCG@10"]!, (double)pinned.Json["measures"]!["nDCG@10"]!);
            Assert.Equal(0, (int?)pinned.Json["misses"]);
        }
    }

    [Fact]
    public async Task A_max_length_that_was_never_scored_fits_no_scorer()
    {
        BringLabButNoModel();
        var run = (await _laptop.Run("run", "demo/base.yaml", "--set", "scorer.max_length=100")).MustExitWith(1);
        Assert.Contains("error: 1040 of 1040 pairs have no score in the lab file", run.Error);
        Assert.DoesNotContain("using the lab file's scores", run.Error);
    }

    [Fact]
    public async Task A_cached_run_on_another_device_needs_no_such_device()
    {
        _laptop.Copy(demo.Rlab.LabFile, "lab.db");
        var run = await _laptop.Succeed("run", "demo/base.yaml", "--set", "run.device=cuda:3", "--format", "json");
        Assert.Equal(1040, (int?)run.Json["hits"]);
    }

    [Fact]
    public async Task Going_on_after_one_new_candidate_scores_that_one_alone()
    {
        _laptop.Copy(demo.Rlab.LabFile, "lab.db");
        File.AppendAllText(_laptop["demo/first-stage.trec"], "en01 Q0 zh-cold-1 1 99 crude-tf\n");
        var run = await _laptop.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.Equal((1040, 1039, 1, 1), ((int)run.Json["unique_pairs"]!, (int)run.Json["hits"]!,
            (int)run.Json["misses"]!, (int)run.Json["scored"]!));
        Assert.Contains("scoring 1 of 1040 pairs", run.Error);
    }
}
