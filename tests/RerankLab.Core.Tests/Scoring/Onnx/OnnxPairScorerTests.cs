using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class OnnxPairScorerTests : IDisposable
{
    readonly ModelFolder _folder = ModelFolder.Whole();

    public void Dispose() => _folder.Dispose();

    // [CLS] a [SEP] b c [SEP] is 2 5 3 6 7 3: sum 26, 6 tokens, 3 of type 1; [CLS] a [SEP] b [SEP]: 19, 5, 2.
    static readonly (string, string)[] Pairs = [("a", "b c"), ("a", "b")];

    void Graph(OnnxModelWriter graph) => graph.Save(_folder["onnx/model.onnx"]);

    [Fact]
    public void Ids_mask_and_types_reach_the_graph_and_padding_adds_nothing() =>
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));

    [Fact]
    public void The_padding_id_of_the_tokenizer_fills_batches_up()
    {
        var tokenizer = ModelFolder.Tokenizer();
        tokenizer["added_tokens"]![0]!["id"] = 4;
        _folder.Write("tokenizer.json", tokenizer.ToJsonString());
        Assert.Equal([30_626, 20_523], _folder.Score(Pairs));
    }

    [Fact]
    public void Inputs_of_int32_are_given()
    {
        Graph(ModelFolder.Sum(type: OnnxType.Int32));
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));
    }

    [Fact]
    public void A_graph_without_token_types_or_mask_gets_none()
    {
        Graph(ModelFolder.Sum(inputs: ["input_ids", "attention_mask"]));
        Assert.Equal([626, 519], _folder.Score(Pairs));
        Graph(ModelFolder.Sum(inputs: ["input_ids"]));
        Assert.Equal([26, 19], _folder.Score(Pairs));
    }

    [Fact]
    public void One_logit_a_pair_may_come_without_a_column()
    {
        Graph(ModelFolder.Sum(columns: 0));
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));
        Assert.Equal([30_626], _folder.Score(Pairs[0]));
    }

    [Fact]
    public void Of_two_logits_the_score_is_the_second_less_the_first()
    {
        Graph(ModelFolder.Sum(columns: 2));
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));
    }

    [Fact]
    public void Logits_of_float16_are_widened()
    {
        Graph(ModelFolder.Sum(inputs: ["input_ids", "attention_mask"], output: OnnxType.Float16));
        Assert.Equal([626, 519], _folder.Score(Pairs));
        Graph(ModelFolder.Sum(inputs: ["input_ids", "attention_mask"], columns: 2, output: OnnxType.Float16));
        // 633 - 7 and 526 - 7, whole numbers in float16.
        Assert.Equal([626, 519], _folder.Score(Pairs));
    }

    [Fact]
    public void The_only_output_is_taken_whatever_its_name()
    {
        Graph(ModelFolder.Sum(outputName: "score"));
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));
    }

    [Fact]
    public void Logits_are_taken_before_other_outputs()
    {
        var graph = ModelFolder.Sum();
        graph.Node("Identity", "extra", ["input_ids_sum"]);
        Graph(graph.Output("extra", OnnxType.Float, "batch", 1));
        Assert.Equal([30_626, 20_519], _folder.Score(Pairs));
    }

    [Fact]
    public void Scores_do_not_depend_on_the_batch()
    {
        using var scorer = OnnxPairScorer.Load(_folder.Open(), new ExecutionSpec(ExecutionDevice.Cpu));
        var random = new Random(2);
        var pairs = Enumerable.Range(0, 40).Select(_ =>
            scorer.Prepare("a b", string.Join(' ', Enumerable.Repeat("c", random.Next(0, 90))))).ToArray();
        var (together, alone) = (new float[pairs.Length], new float[pairs.Length]);
        scorer.Score(pairs, together);
        for (int i = 0; i < pairs.Length; i++) scorer.Score([pairs[i]], alone.AsSpan(i, 1));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void The_backend_says_on_what_the_scores_were_made()
    {
        using var scorer = OnnxPairScorer.Load(_folder.Open(), new ExecutionSpec(ExecutionDevice.Cpu));
        Assert.Equal(("cpu", "CPUExecutionProvider"), (scorer.Backend.Device, scorer.Backend.Provider));
        Assert.Matches(@"^\d+\.\d+\.\d+", scorer.Backend.Versions["onnxruntime"]);
        Assert.True(scorer.Limits.Tokens > 0);
    }

    [Fact]
    public void More_than_two_logits_a_pair_that_only_show_when_run_are_refused()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence")
            .Output("logits", OnnxType.Float, "batch", "labels");
        graph.Node("Cast", "logits", ["input_ids"], OnnxAttribute.Int("to", 1));
        Graph(graph);
        var error = Assert.Throws<UserError>(() => _folder.Score(Pairs));
        Assert.Equal("the model gave an output of shape [2, 6]; expected 1 logit a pair, or 2 (l1 - l0)", error.Message);
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_the_users_error()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        graph.Node("NoSuchOperator", "logits", ["input_ids"]);
        Graph(graph);
        Assert.StartsWith($"{_folder["onnx/model.onnx"]}: ONNX Runtime cannot load this model: ",
            _folder.LoadError().Message);
    }

    [Fact]
    public void External_weights_are_found_beside_the_graph()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        graph.External("factor", OnnxType.Float, [1], "model.onnx_data", 4, 4);
        graph.Initializer("axis", [1], [1L]);
        graph.Node("Cast", "ids", ["input_ids"], OnnxAttribute.Int("to", 1));
        graph.Node("ReduceSum", "sum", ["ids", "axis"]);
        graph.Node("Mul", "logits", ["sum", "factor"]);
        Graph(graph);
        File.WriteAllBytes(_folder["onnx/model.onnx_data"], [0, 0, 0, 0, .. BitConverter.GetBytes(0.5f)]);
        Assert.Equal([13, 9.5f], _folder.Score(Pairs));
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("cpu", null)]
    [InlineData("cuda", 0)]
    [InlineData("cuda:3", 3)]
    public void Devices_are_named_as_the_user_names_them(string text, int? cuda)
    {
        var device = ExecutionDevice.TryParse(text)!;
        Assert.Equal((text, cuda), (device.Name, device.CudaDevice));
    }

    [Theory]
    [InlineData("CPU")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    public void Other_texts_name_no_device(string text) => Assert.Null(ExecutionDevice.TryParse(text));

    /// <summary>The demo's sums are exact in float32, so that the very bytes are the same in any batch.</summary>
    [Fact]
    public void The_demo_model_scores_the_same_bytes_in_any_batch()
    {
        var problems = new Problems();
        var spec = new Core.Scoring.ScorerSpec(new Core.Datasets.DataFile("model",
            Path.Combine(Repository.Demo, "model")), "fp32", 64,
            Core.Scoring.Truncation.LongestFirst, null);
        using var scorer = OnnxPairScorer.Load(OnnxModelFolder.Open(spec, _folder.Hashes, problems)!,
            new ExecutionSpec(ExecutionDevice.Cpu));
        var pairs = File.ReadLines(Path.Combine(Repository.Demo, "corpus.jsonl")).Take(60)
            .Select(line => scorer.Prepare("how do I cook rice", line)).ToArray();
        var (together, alone) = (new float[pairs.Length], new float[pairs.Length]);
        scorer.Score(pairs, together);
        for (int i = 0; i < pairs.Length; i++) scorer.Score([pairs[i]], alone.AsSpan(i, 1));
        Assert.Equal(alone, together);
        Assert.True(together.Distinct().Count() > 10);
    }
}
