using System.Text.Json;
using RerankLab.Demo;

namespace RerankLab.Cli.Tests;

/// <summary>Models that are odd, and devices that are not there.</summary>
public sealed class ModelTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public ModelTests()
    {
        _rlab.Write("c.jsonl",
            Line("q1", "cold", ("d1", "a cold and a burn and a pan and a flu"), ("d2", "burn pan")),
            Line("q2", "sleep", ("d1", "sleep and a cold and a pan"), ("d3", "night")));
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: model, max_length: 512 }");
    }

    public void Dispose() => _rlab.Dispose();

    static string Line(string id, string query, params (string Id, string Text)[] passages) =>
        JsonSerializer.Serialize(new { id, query, passages = passages.Select(p => new { id = p.Id, text = p.Text }) });

    async Task<string> Refused(params string[] arguments)
    {
        var error = await _rlab.Fail(["run", .. arguments]);
        Assert.Empty(_rlab.LabFiles);
        return error;
    }

    [Fact]
    public async Task A_model_folder_without_a_tokenizer()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        File.Delete(_rlab["model/tokenizer.json"]);
        Assert.Equal("error: model: the folder has no tokenizer; expected tokenizer.json or vocab.txt\n",
            await Refused("e.yaml"));
    }

    [Fact]
    public async Task A_tokenizer_of_another_family_is_refused_by_name()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        _rlab.Write("model/tokenizer.json", """{"model": {"type": "WordLevel", "vocab": {}}}""");
        Assert.Contains("error: model: tokenizer.json: the model 'WordLevel' is none that rlab knows",
            await Refused("e.yaml"));
        _rlab.Write("model/tokenizer.json", "{ broken");
        Assert.StartsWith("error: model: ", await Refused("e.yaml"));
    }

    [Fact]
    public async Task A_graph_that_is_no_whole_ONNX_file()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        var bytes = File.ReadAllBytes(_rlab["model/onnx/model.onnx"]);
        File.WriteAllBytes(_rlab["model/onnx/model.onnx"], bytes[..(bytes.Length / 2)]);
        Assert.StartsWith("error: model: model.onnx is not a whole ONNX file: ", await Refused("e.yaml"));
    }

    [Fact]
    public async Task A_graph_whose_weights_are_elsewhere()
    {
        var graph = Models.SumOfIds();
        graph.External("weights", OnnxType.Float, [1000], "model.onnx_data", 0, 4000);
        Models.Write(_rlab, "model", graph);
        var error = (await _rlab.Run("run", "e.yaml")).MustExitWith(1).Error;
        Assert.Contains("model.onnx_data", error);
        Assert.DoesNotContain("   at ", error);
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task A_graph_with_unexpected_inputs()
    {
        var graph = new OnnxModelWriter();
        graph.Input("pixel_values", OnnxType.Float, "batch", 1);
        graph.Output("logits", OnnxType.Float, "batch", 1);
        graph.Node("Identity", "logits", ["pixel_values"]);
        Models.Write(_rlab, "model", graph);
        Assert.Contains("model.onnx: unexpected inputs (pixel_values); a cross-encoder takes input_ids",
            await Refused("e.yaml"));
    }

    [Fact]
    public async Task An_embedding_model()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Output("last_hidden_state", OnnxType.Float, "batch", "sequence", 8);
        graph.Initializer("table", [6000, 8], new float[48000]);
        graph.Node("Gather", "last_hidden_state", ["table", "input_ids"], OnnxAttribute.Int("axis", 0));
        Models.Write(_rlab, "model", graph);
        var error = await Refused("e.yaml");
        Assert.Contains("expected an output 'logits' of shape [batch, 1], [batch, 2] or [batch], " +
                        "found last_hidden_state [batch, sequence, 8]", error);
        Assert.Contains("; this looks like a bi-encoder", error);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public async Task A_score_that_is_not_finite_stops_the_run_and_is_never_stored(float bad, string shown)
    {
        // The shortest text comes last: every other pair is scored before it.
        Models.Write(_rlab, "model", Models.BadForToken(Models.IdOf("night"), bad));
        var result = (await _rlab.Run("run", "e.yaml")).MustExitWith(1);
        Assert.Equal("", result.Out);
        Assert.Contains($"error: the model gave {shown} for query 'q2', document 'd3' (5 tokens); " +
                        "such a score is never stored\nhint: ", result.Error);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        Assert.Equal(3, _rlab.Single<int>("SELECT count(*) FROM score"));
        Assert.Equal(0, _rlab.Single<int>("SELECT count(*) FROM score WHERE logit NOT BETWEEN -5 AND 5.1"));
        Assert.Equal(0, _rlab.Single<int>("SELECT count(*) FROM run"));

        // The others need not be scored again.
        Assert.Contains("scoring 1 of 4 pairs", (await _rlab.Run("run", "e.yaml")).MustExitWith(1).Error);
        Assert.Equal(3, _rlab.Single<int>("SELECT count(*) FROM score"));
    }

    [Fact]
    public async Task Scores_that_are_not_finite_can_be_skipped_and_the_run_is_whole_without_those_pairs()
    {
        Models.Write(_rlab, "model", Models.BadForToken(Models.IdOf("night"), float.NaN));
        var run = await _rlab.Succeed("run", "e.yaml", "--skip-bad", "--format", "json");
        Assert.Contains("note: the model gave NaN for query 'q2', document 'd3' (5 tokens): skipped\n", run.Error);
        Assert.Equal(("complete", 3), ((string?)run.Json["status"], (int)run.Json["scored"]!));
        Assert.Equal((1, 1), ((int)run.Json["coverage"]!["pairs_bad"]!, (int)run.Json["coverage"]!["pairs_missing"]!));
        Assert.Equal(3, _rlab.Single<int>("SELECT count(*) FROM score"));
        Assert.DoesNotContain("\td3\t", (await _rlab.Succeed("export", "--format", "csv")).Out.Replace(',', '\t'));

        // It is tried again each time, and without the option it stops the run.
        Assert.Equal(1, (int)(await _rlab.Succeed("run", "e.yaml", "--skip-bad", "--format", "json")).Json["misses"]!);
        Assert.Contains("--skip-bad", (await _rlab.Run("run", "e.yaml")).MustExitWith(1).Error);
    }

    [Fact]
    public async Task A_changed_graph_is_another_scorer_under_the_same_name()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        var first = await _rlab.Succeed("run", "e.yaml", "--format", "json");
        Models.Write(_rlab, "model", Models.BadForToken(Models.IdOf("[MASK]"), 0));
        var second = await _rlab.Succeed("run", "e.yaml", "--format", "json");
        Assert.Equal(4, (int?)second.Json["scored"]);
        Assert.NotEqual((string?)first.Json["scorer"], (string?)second.Json["scorer"]);
        Assert.Matches("which are not shared: it differs in graph \\(there [^)]+, here [^)]+\\)\n", second.Error);

        Models.Write(_rlab, "model", Models.SumOfIds());
        Assert.Equal(4, (int?)(await _rlab.Succeed("run", "e.yaml", "--format", "json")).Json["hits"]);
    }

    [Fact]
    public async Task A_moved_model_folder_is_the_same_scorer()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        await _rlab.Succeed("run", "e.yaml");
        Directory.Move(_rlab["model"], _rlab["renamed"]);
        var again = await _rlab.Succeed("run", "e.yaml", "--set", "scorer.model=renamed", "--format", "json");
        Assert.Equal((4, 0), ((int)again.Json["hits"]!, (int)again.Json["scored"]!));
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:1")]
    public async Task A_device_that_is_not_there_is_an_error_with_the_remedy(string device)
    {
        var error = await Refused("demo/base.yaml", "--set", $"run.device={device}");
        Assert.StartsWith($"error: run.device is {device}, but CUDA cannot be used: ", error);
        Assert.Contains("\nhint: build rlab with -p:OrtFlavor=Gpu", error);
        Assert.Contains("--set run.device=cpu", error);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cuda:-1")]
    public async Task A_device_that_does_not_exist_is_refused(string device) =>
        Assert.Equal(
            $"error: --set run.device={device}: run.device: expected auto, cpu, cuda or cuda:N, found '{device}'\n",
            await Refused("demo/base.yaml", "--set", $"run.device={device}"));

    [Fact]
    public async Task The_CPU_can_be_asked_for_and_the_batch_size_changes_no_score()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        var one = await _rlab.Succeed("run", "e.yaml", "--set", "run.device=cpu", "--set", "run.batch_tokens=8",
            "--format", "json");
        Assert.Equal("cpu", (string?)one.Json["device"]);
        Assert.Equal((long?)one.Json["tokens"], (long?)one.Json["padded_tokens"]);
        var many = await _rlab.Succeed("run", "e.yaml", "--lab", "many.db", "--set", "run.batch_tokens=10000",
            "--format", "json");
        Assert.True((long?)many.Json["padded_tokens"] > (long?)one.Json["padded_tokens"]);
        Assert.Equal((string?)one.Json["scorer"], (string?)many.Json["scorer"]);
        Assert.Equal((await _rlab.Succeed("export")).Out, (await _rlab.Succeed("export", "--lab", "many.db")).Out);
    }
}
