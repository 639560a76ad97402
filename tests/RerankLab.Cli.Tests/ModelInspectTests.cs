using RerankLab.Demo;

namespace RerankLab.Cli.Tests;

public sealed class ModelInspectTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task A_whole_folder_is_described()
    {
        var result = await _rlab.Succeed("model", "inspect", "demo/model", "--max-length", "128", "--truncation",
            "only_second");
        Assert.Equal("", result.Error);
        var facts = result.Facts;
        Assert.Equal(("bert", "BertForSequenceClassification", "fp32", "onnx/model.onnx"),
            (facts["model_type"], facts["architecture"], facts["precision"], facts["graph"]));
        Assert.Equal(("17", "RerankLab.Demo"), (facts["opset"], facts["producer"]));
        Assert.Equal(new FileInfo(_rlab["demo/model/onnx/model.onnx"]).Length, long.Parse(facts["bytes"]));
        Assert.Equal(("WordPiece", "23688", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "0"),
            (facts["tokenizer"], facts["vocabulary"], facts["template"], facts["padding_id"]));
        Assert.Equal(("only_second", "right", "128", "512", "model_max_length in tokenizer_config.json", "no"),
            (facts["truncation"], facts["truncation_side"], facts["max_length"], facts["limit"],
                facts["limit_source"], facts["approximate"]));
        Assert.Equal("int64 [batch, sequence]", facts["input token_type_ids"]);
        Assert.Equal("float [batch, 1], taken as the logit", facts["output logits"]);
        Assert.DoesNotContain("problem", facts.Keys);
        Assert.DoesNotContain("warning", facts.Keys);
        Assert.Equal(["demo"], Directory.GetFileSystemEntries(_rlab.WorkFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_fingerprint_is_the_one_that_a_run_with_these_settings_records()
    {
        var run = await _rlab.Succeed("run", "demo/short.yaml", "--format", "json", "--set", "dataset.depth=1");
        var inspected = await _rlab.Succeed("model", "inspect", "demo/model", "--max-length", "64", "--format", "json");
        Assert.Equal((string?)run.Json["scorer"], (string?)inspected.Json["fingerprint"]);
        Assert.NotEqual((string?)run.Json["scorer"], (string?)(await _rlab.Succeed("model", "inspect", "demo/model",
            "--format", "json")).Json["fingerprint"]);
    }

    [Fact]
    public async Task Json_has_every_key_that_is_documented()
    {
        var graph = Models.SumOfIds();
        graph.External("w", OnnxType.Float, [1000], "w.bin", 0, 4000);
        Models.Write(_rlab, "model", graph);
        var json = (await _rlab.Run("model", "inspect", "model", "--format", "json")).MustExitWith(1).Json.AsObject();
        Assert.Equal(["model", "model_type", "architecture", "precision", "precisions", "graph", "bytes", "opset",
            "producer", "tokenizer", "vocabulary", "template",
            "padding_id", "truncation", "truncation_side", "max_length", "limit", "limit_source", "approximate",
                "fingerprint", "inputs", "outputs", "output", "data",
            "problems", "warnings"], json.Select(p => p.Key));
        Assert.Equal("""{"name":"input_ids","type":"int64","shape":["batch","sequence"]}""",
            json["inputs"]![0]!.ToJsonString());
        Assert.Equal("""{"name":"onnx/w.bin","bytes":null}""", json["data"]![0]!.ToJsonString());
        Assert.Equal(("logits", false, 512), ((string?)json["output"], (bool?)json["approximate"],
            (int?)json["max_length"]));
        Assert.Null(json["fingerprint"]);
        var problem = Assert.Single(json["problems"]!.AsArray())!;
        Assert.StartsWith("the data file 'w.bin'", (string?)problem["found"]);
        Assert.StartsWith("download w.bin too", (string?)problem["remedy"]);
        Assert.StartsWith("the graph takes no attention_mask",
            (string?)Assert.Single(json["warnings"]!.AsArray())!["found"]);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_together_and_what_is_there_is_shown()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        File.Delete(_rlab["model/onnx/model.onnx"]);
        _rlab.Write("model/onnx/model_O4.onnx", "");
        _rlab.Write("model/tokenizer.json", """{"model": {"type": "WordLevel", "vocab": {}}}""");
        var result = (await _rlab.Run("model", "inspect", "model", "--precision", "int8")).MustExitWith(1);
        var problems = result.Table.Where(r => r[0] == "problem").Select(r => r[1]).ToList();
        Assert.Contains("the folder has no graph for precision int8 (looked for onnx/model_int8.onnx, " +
            "model_int8.onnx, onnx/model_quantized.onnx, " +
            "model_quantized.onnx); it has O4; remedy: ", problems[0]);
        Assert.StartsWith("tokenizer.json: the model 'WordLevel' is none that rlab knows", problems[1]);
        Assert.Equal(("O4", "bert"), (result.Facts["precisions"], result.Facts["model_type"]));
        Assert.Equal("error: model: rlab cannot score with this folder: 2 problems\n", result.Error);
    }

    [Fact]
    public async Task A_precision_that_is_the_only_one_need_not_be_named()
    {
        Models.Write(_rlab, "model", Models.SumOfIds());
        File.Move(_rlab["model/onnx/model.onnx"], _rlab["model/model_q4f16.onnx"]);
        Assert.Equal(("q4f16", "model_q4f16.onnx"),
            (await _rlab.Succeed("model", "inspect", "model")).Facts is var facts ? (facts["precision"],
                facts["graph"]) : default);
    }

    [Fact]
    public async Task A_bi_encoder_is_told()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Output("last_hidden_state", OnnxType.Float, "batch", "sequence", 8);
        Models.Write(_rlab, "model", graph);
        var table = (await _rlab.Run("model", "inspect", "model", "--format", "table")).MustExitWith(1);
        Assert.Matches("\n  output last_hidden_state +float \\[batch, sequence, 8\\]", table.Out);
        Assert.Matches("\nproblem +model +model.onnx: expected an output 'logits' .*; this looks like a bi-encoder",
            table.Out);
    }

    [Fact]
    public async Task A_folder_that_holds_nothing_of_a_model_is_an_error()
    {
        Assert.Equal("error: there is no model folder nowhere\n", await _rlab.Fail("model", "inspect", "nowhere"));
        var error = await _rlab.Fail("model", "inspect", "demo");
        Assert.Contains("error: demo: the folder has no tokenizer; expected tokenizer.json or vocab.txt\n", error);
        Assert.Contains("hint: name the folder that holds config.json", error);
        Assert.StartsWith("error: --truncation: expected longest_first or only_second, found 'x'",
            await _rlab.Fail("model", "inspect", "demo/model", "--truncation", "x"));
        Assert.StartsWith("error: --max-length: expected at least 8", await _rlab.Fail("model", "inspect",
            "demo/model", "--max-length", "7"));
    }

    [Fact]
    public async Task A_real_graph_without_its_weights_is_described_all_the_same()
    {
        var result = (await _rlab.Run("model", "inspect", Repository.Shared("models",
            "bge-reranker-v2-m3-graph-only"))).MustExitWith(1);
        Assert.Equal(("missing", "float [batch_size, 1], taken as the logit", "14"),
            (result.Facts["data model.onnx_data"], result.Facts["output logits"], result.Facts["opset"]));
    }
}
