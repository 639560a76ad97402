using RerankLab.Demo;

namespace RerankLab.Cli.Tests;

public sealed class DoctorTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    /// <summary>A finding of a check, as it stands in the table of results.</summary>
    static Dictionary<string, string> Row(RlabResult result, string check, string status = "problem")
    {
        var row = result.Rows.FirstOrDefault(r => r["check"] == check && r["status"] == status);
        Assert.True(row is not null, $"found no {status} of '{check}' in\n{result.Out}");
        return row;
    }

    /// <summary>The doctor of a model that has a problem.</summary>
    async Task<RlabResult> Sick(OnnxModelWriter graph)
    {
        Models.Write(_rlab, "model", graph);
        return (await _rlab.Run("doctor", "--model", "model")).MustExitWith(1);
    }

    [Fact]
    public async Task A_machine_alone_is_checked_and_no_lab_file_is_made()
    {
        var result = await _rlab.Succeed("doctor");
        Assert.Equal(["check", "status", "found", "remedy"], result.Table[0]);
        Assert.Equal(["rlab", "processor", "memory", "disk (lab file)", "disk (cache)", "lab file", "ONNX Runtime",
            "CPU provider", "NVIDIA driver"],
            result.Rows.Select(r => r["check"]).Take(9));
        Assert.StartsWith("0.1.0, .NET 10.", Row(result, "rlab", "ok")["found"]);
        Assert.StartsWith("CPUExecutionProvider computes", Row(result, "CPU provider", "ok")["found"]);
        Assert.Equal("there is no lab.db yet: rlab run makes it", Row(result, "lab file", "ok")["found"]);
        Assert.Equal("", result.Error);
        Assert.Equal(["demo"], Directory.GetFileSystemEntries(_rlab.WorkFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_demo_is_well()
    {
        await _rlab.Succeed("run", "demo/base.yaml", "--set", "dataset.depth=1");
        var before = File.ReadAllBytes(_rlab.LabFile);

        var result = await _rlab.Succeed("doctor", "demo/base.yaml");

        Assert.Equal("demo/base.yaml: 52 queries, 1040 candidates", Row(result, "experiment", "ok")["found"]);
        Assert.Contains(" 52 scores, 1 runs; quick_check ok", Row(result, "lab file", "ok")["found"]);
        Assert.StartsWith("demo/model: BertForSequenceClassification, fp32, ", Row(result, "model", "ok")["found"]);
        foreach (var check in new[] { "model loading", "scores", "scores (English)", "scores (Chinese)" })
            Row(result, check, "ok");
        Assert.Equal("a score is the same alone and in a batch", Row(result, "batches", "ok")["found"]);
        Assert.Matches(@"^1 of \d{4} tokens, cut to 512, ", Row(result, "long pairs", "ok")["found"]);
        Assert.Equal("note: loading demo/model and scoring a handful of pairs\n", result.Error);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(_rlab.LabFile)), "the lab file changed");
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    [Fact]
    public async Task Settings_of_the_experiment_and_overrides_are_heard()
    {
        var result = await _rlab.Succeed("doctor", "demo/base.yaml",
            "--set", "scorer.max_length=100", "--set", "run.batch_tokens=1000");
        Assert.Contains(", 100 tokens, ", Row(result, "model", "ok")["found"]);
        Assert.Matches(@"^10 of \d+ tokens, cut to 100, ", Row(result, "long pairs", "ok")["found"]);
    }

    [Fact]
    public async Task For_people_the_remedy_stands_below_and_for_programs_there_is_JSON()
    {
        Models.Write(_rlab, "model", Models.Constant(0));
        var table = (await _rlab.Run("doctor", "--model", "model", "--format", "table")).MustExitWith(1);
        Assert.Matches("\nproblem +scores +all scores near 0\\.5: ", table.Out);
        Assert.Matches("\n +remedy: wrong input format", table.Out);

        var json = (await _rlab.Run("doctor", "--model", "model", "--format", "json")).MustExitWith(1).Json.AsArray();
        Assert.All(json, f => Assert.Equal(["check", "status", "found", "remedy"], f!.AsObject().Select(p => p.Key)));
        Assert.Equal("problem", (string?)json.Single(f => (string?)f!["check"] == "scores")!["status"]);
    }

    [Fact]
    public async Task All_scores_near_one_value()
    {
        var result = await Sick(Models.Constant(0));
        Assert.StartsWith("all scores near 0.5: relevant and irrelevant passages get logits from 0 to 0 ",
            Row(result, "scores")["found"]);
        Assert.EndsWith("error: this machine is not ready: 1 problem\n", result.Error);
    }

    [Fact]
    public async Task Scores_that_are_not_finite() =>
        Assert.Contains("NaN", Row(await Sick(Models.BadForToken(Models.IdOf("[SEP]"), float.NaN)), "scores")["found"]);

    [Fact]
    public async Task Scores_that_depend_on_padding()
    {
        var result = await Sick(Models.MeanWithPadding());
        Assert.Contains("a score alone and in a batch differ by up to ", Row(result, "batches")["found"]);
        Assert.Contains("attention_mask", Row(result, "batches")["remedy"]);
        Assert.Equal("the graph takes no attention_mask: padding may change scores",
            Row(result, "model", "warning")["found"]);
    }

    [Fact]
    public async Task A_tokenizer_of_another_model_ends_in_an_index_that_is_explained()
    {
        var result = await Sick(Models.SmallTable(200));
        Assert.Contains("ONNX Runtime failed on a batch of 1 pairs", Row(result, "scores")["found"]);
        Assert.StartsWith("an id is outside of a table of the model: ", Row(result, "scores")["remedy"]);
    }

    [Fact]
    public async Task An_approximate_model_is_well_with_a_warning()
    {
        Models.Write(_rlab, "model", Models.DynamicInt8());
        var result = await _rlab.Run("doctor", "--model", "model");
        Assert.Contains("dynamic quantisation", Row(result, "model", "warning")["found"]);
        Row(result, "batches", "ok");
    }

    [Fact]
    public async Task A_model_that_was_not_downloaded_whole_is_not_loaded_and_everything_else_is_checked()
    {
        var graph = Models.SumOfIds();
        graph.External("w", OnnxType.Float, [1000], "model.onnx_data", 0, 4000);
        Models.Write(_rlab, "model", graph);
        File.WriteAllBytes(_rlab["model/onnx/model.onnx_data"], new byte[1234]);
        var result = (await _rlab.Run("doctor", "--model", "model")).MustExitWith(1);
        var row = Row(result, "model");
        Assert.Equal("the data file 'model.onnx_data' is cut off: model.onnx needs 4000 bytes of it, it has 1234",
            row["found"]);
        Assert.StartsWith("was the download interrupted? ", row["remedy"]);
        Assert.DoesNotContain(result.Rows, r => r["check"] is "model loading" or "scores");
        Row(result, "CPU provider", "ok");
    }

    [Fact]
    public async Task A_graph_that_ONNX_Runtime_refuses()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        graph.Node("NoSuchOperator", "logits", ["input_ids"]);
        var row = Row(await Sick(graph), "model loading");
        Assert.Contains("ONNX Runtime cannot load this model", row["found"]);
        Assert.Contains("an operator that it does not know", row["remedy"]);
    }

    [Fact]
    public async Task CUDA_that_is_asked_for_and_is_not_there()
    {
        var result = (await _rlab.Run("doctor", "demo/base.yaml", "--device", "cuda")).MustExitWith(1);
        var problems = result.Rows.Where(r => r["status"] == "problem").ToList();
        Assert.All(problems, p => Assert.Contains("CUDA not available", p["found"]));
        Assert.Contains(problems, p => p["check"] == "CUDA provider");
        Assert.DoesNotContain(result.Rows, r => r["check"] == "model loading");
    }

    [Fact]
    public async Task A_model_that_is_not_on_this_machine_is_a_warning_for_an_experiment_and_a_problem_alone()
    {
        Directory.Delete(_rlab["demo/model"], recursive: true);
        var row = Row(await _rlab.Succeed("doctor", "demo/base.yaml"), "model", "warning");
        Assert.Equal("demo/model is not on this machine: only pairs that the lab file knows can be ranked",
            row["found"]);
        var result = (await _rlab.Run("doctor", "--model", "demo/model")).MustExitWith(1);
        Assert.Equal("there is no model folder demo/model, and the hub's cache has no demo/model", Row(result, "model")["found"]);
    }

    [Fact]
    public async Task Every_problem_of_an_experiment_is_a_line()
    {
        _rlab.Write("c.jsonl", """{"id": "q", "query": "a", "passages": [{"id": "d", "text": "b"}]}""", "{ broken");
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: demo/model }", "colour: red");
        var result = (await _rlab.Run("doctor", "e.yaml")).MustExitWith(1);
        var found = result.Rows.Where(r => r["check"] == "experiment").Select(r => (r["status"], r["found"])).ToList();
        Assert.Contains(found, f => f.Item1 == "problem" && f.Item2.StartsWith("e.yaml:3: "));
        Assert.Contains(found, f => f.Item1 == "problem" && f.Item2.StartsWith("c.jsonl:2: "));

        result = (await _rlab.Run("doctor", "nothing.yaml")).MustExitWith(1);
        Assert.Contains("file not found", Row(result, "experiment")["found"]);
    }

    [Fact]
    public async Task A_lab_file_that_is_none_and_a_folder_that_is_not_there()
    {
        _rlab.Write("notes.txt", "name: gte-512");
        var result = (await _rlab.Run("doctor", "--lab", "notes.txt")).MustExitWith(1);
        Assert.Equal("notes.txt: this is not a lab file of rlab", Row(result, "lab file")["found"]);
        result = (await _rlab.Run("doctor", "--lab", "no/lab.db")).MustExitWith(1);
        Assert.Equal("no/lab.db: its folder does not exist", Row(result, "disk (lab file)")["found"]);
    }

    [Theory]
    [InlineData("error: --device: expected auto, cpu, cuda or cuda:N, found 'gpu'\n", "--device", "gpu")]
    [InlineData("error: an experiment names its model itself\nhint: ", "demo/base.yaml", "--model", "demo/model")]
    [InlineData("error: an experiment names its model itself\nhint: ", "demo/base.yaml", "--precision", "fp16")]
    [InlineData("error: --precision, --max-length and --truncation are of a model\nhint: ", "--max-length", "512")]
    [InlineData("error: --set overrides a key of an experiment\nhint: ", "--set", "scorer.max_length=256")]
    [InlineData("error: --format: expected table, tsv or json, found 'xml'\n", "--format", "xml")]
    public async Task Options_that_cannot_be_are_refused(string error, params string[] arguments) =>
        Assert.StartsWith(error, await _rlab.Fail(["doctor", .. arguments]));

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    public async Task A_trained_model_is_well(string precision)
    {
        var folder = Repository.Shared("models", "minilm-scifact-cross-encoder");
        var result = await _rlab.Succeed("doctor", "--model", folder, "--precision", precision);
        Assert.All(result.Rows.Where(r => r["check"] is "model" or "scores" or "scores (English)" or "batches"), r =>
            Assert.Equal("ok", r["status"]));
    }

    [Fact]
    public async Task An_untrained_model_is_told_by_its_scores()
    {
        var folder = Repository.Shared("models", "tiny-xlmr-cross-encoder");
        var result = (await _rlab.Run("doctor", "--model", folder, "--max-length", "62")).MustExitWith(1);
        Assert.StartsWith("all scores near ", Row(result, "scores")["found"]);

        // The model has 64 positions, of which the first two stand for no token.
        result = (await _rlab.Run("doctor", "--model", folder, "--max-length", "100")).MustExitWith(1);
        Assert.Contains("pairs are longer than the model's positions", Row(result, "scores")["remedy"]);
    }

    [Fact]
    public async Task A_real_graph_without_its_weights_is_told_by_the_file_that_is_missing()
    {
        var folder = Repository.Shared("models", "bge-reranker-v2-m3-graph-only");
        var result = (await _rlab.Run("doctor", "--model", folder, "--max-length", "512")).MustExitWith(1);
        var row = result.Rows.Single(r => r["found"].Contains("model.onnx_data"));
        Assert.Equal(("model", "problem"), (row["check"], row["status"]));
        Assert.StartsWith("download model.onnx_data too", row["remedy"]);
    }

    [Fact]
    public async Task A_lab_file_on_a_network_file_system_is_a_warning()
    {
        _rlab.Variables["RLAB_FILE_SYSTEM"] = "network";
        var row = Row(await _rlab.Succeed("doctor"), "lab file's disk", "warning");
        Assert.Contains("lies on a network file system (", row["found"]);
        Assert.Contains("local disk", row["remedy"]);
    }

    [Fact]
    public async Task A_job_is_told_how_to_be_checked_and_declared_scores_need_no_model()
    {
        await _rlab.Succeed("cache", "pack", "demo/base.yaml", "-o", "job.db");
        Assert.Equal("error: job.db: expected an experiment file, found a lab file\n" +
            "hint: rlab doctor --lab job.db --model DIR checks a job, and the model that it is to run with\n",
            await _rlab.Fail("doctor", "job.db"));
        var checkedJob = await _rlab.Succeed("doctor", "--lab", "job.db", "--model", "demo/model");
        Assert.StartsWith("job.db: ", Row(checkedJob, "lab file", "ok")["found"]);

        _rlab.Write("c.jsonl", """{"id": "q", "query": "a", "passages": [{"id": "d", "text": "b"}]}""");
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { declared: colab }");
        Assert.DoesNotContain((await _rlab.Succeed("doctor", "e.yaml")).Rows, r => r["check"] == "model");
    }
}
