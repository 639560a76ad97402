using global::Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class FirstTokenGraphTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<Heads, Norm, Pooling> Exports()
    {
        var exports = new TheoryData<Heads, Norm, Pooling>();
        foreach (var heads in Enum.GetValues<Heads>())
            foreach (var norm in Enum.GetValues<Norm>())
                foreach (var pooling in new[] { Pooling.FirstToken, Pooling.FirstTokensSlice }) exports.Add(heads, norm, pooling);
        return exports;
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public void The_last_layer_is_made_for_two_tokens_only_and_logits_stay_what_they_are(Heads heads, Norm norm, Pooling pooling)
    {
        // Attention written with constant shapes is fused by ONNX Runtime where it is whole, and adds up in another order then.
        double tolerance = heads == Heads.CopiedDimensions ? 1e-6 : 0;
        var whole = new TinyTransformer { Heads = heads, Norm = norm, Pooling = pooling }.ToBytes();
        var first = Rewritten(whole);
        Assert.NotNull(first);
        foreach (var (pairs, length) in new[] { (1, 2), (1, 9), (7, 30), (3, 17) })
            AssertClose(Logits(whole, Batch(pairs, length)), Logits(first, Batch(pairs, length)), tolerance);

        foreach (var tensor in new[] { "l1.query", "l1.context", "l1.attention", "l1" })
            Assert.Equal([3, 2, 16], Shape(first, tensor, Batch(3, 17)));
        Assert.Equal([3, 2, 2, 17], Shape(first, "l1.scores", Batch(3, 17)));
        Assert.Equal([3, 2, 32], Shape(first, "l1.ffn", Batch(3, 17)));
        foreach (var tensor in new[] { "l1.key", "l1.value", "l0" })
            Assert.Equal([3, 17, 16], Shape(first, tensor, Batch(3, 17)));
    }

    [Theory]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.SecondToken)]
    public void A_classifier_that_reads_other_tokens_gets_all(Pooling pooling) =>
        Assert.Null(Rewritten(new TinyTransformer { Pooling = pooling }.ToBytes()));

    [Fact]
    public void A_layer_that_is_given_out_as_well_is_made_whole() =>
        Assert.Null(Rewritten(new TinyTransformer { Outputs = ["l1"] }.ToBytes()));

    [Fact]
    public void A_tensor_on_the_way_that_is_given_out_is_made_whole_and_what_follows_it_is_not()
    {
        var whole = new TinyTransformer { Outputs = ["l1.attention"] }.ToBytes();
        var first = Rewritten(whole)!;
        Assert.Equal([3, 17, 16], Shape(first, "l1.attention", Batch(3, 17)));
        Assert.Equal([3, 17, 16], Shape(first, "l1.query", Batch(3, 17)));
        Assert.Equal([3, 2, 32], Shape(first, "l1.ffn", Batch(3, 17)));
        AssertClose(Logits(whole, Batch(3, 17)), Logits(first, Batch(3, 17)), 1e-6);
    }

    [Fact]
    public void An_operator_that_is_not_known_to_keep_tokens_apart_gets_all_of_them()
    {
        // A running sum over the tokens would be the same at the first, but that is not for us to know.
        var whole = new TinyTransformer
        {
            Change = model =>
            {
                var node = model.Graph.Node.Single(n => n.Output[0] == "l1.ffn");
                var sum = new NodeProto { OpType = "CumSum", Input = { "l1.ffn.own", "[1]" }, Output = { "l1.ffn" } };
                node.Output[0] = "l1.ffn.own";
                model.Graph.Node.Insert(model.Graph.Node.IndexOf(node) + 1, sum);
            },
        }.ToBytes();
        var first = Rewritten(whole)!;
        Assert.Equal([3, 17, 32], Shape(first, "l1.ffn.own", Batch(3, 17)));
        Assert.Equal([3, 17, 16], Shape(first, "l1.query", Batch(3, 17)));
        Assert.Equal([3, 2, 32], Shape(first, "l1.gelu", Batch(3, 17)));
        Assert.Equal(Logits(whole, Batch(3, 17)), Logits(first, Batch(3, 17)));
    }

    [Fact]
    public void Operators_of_a_domain_that_we_do_not_know_are_left_alone() =>
        Assert.Null(Rewritten(new TinyTransformer
        {
            Change = model => model.Graph.Node.Single(n => n.Output[0] == "l1").Domain = "some.one",
        }.ToBytes()));

    [Fact]
    public void A_graph_with_graphs_within_is_left_alone() =>
        Assert.Null(Rewritten(new TinyTransformer
        {
            Change = model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = new GraphProto() }),
        }.ToBytes()));

    [Fact]
    public void A_graph_whose_nodes_are_in_no_order_or_make_a_tensor_twice_is_left_alone()
    {
        Assert.Null(Rewritten(new TinyTransformer
        {
            Change = model =>
            {
                var node = model.Graph.Node.Single(n => n.Output[0] == "l1.key");
                model.Graph.Node.Remove(node);
                model.Graph.Node.Add(node);
            },
        }.ToBytes()));
        Assert.Null(Rewritten(new TinyTransformer { Change = model => model.Graph.Node.Add(model.Graph.Node[^1]) }.ToBytes()));
    }

    [Fact]
    public void A_file_that_is_cut_off_is_left_to_ONNX_Runtime()
    {
        var whole = new TinyTransformer().ToBytes();
        Assert.Null(Rewritten(whole[..(whole.Length / 2)]));
    }

    [Fact]
    public void Any_graph_gives_the_same_logits_rewritten()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            // Its last product at least is of the first token only.
            var whole = RandomGraph(new Random(seed));
            var first = Rewritten(whole)!;
            foreach (var (pairs, length) in new[] { (1, 2), (4, 11) })
            {
                var (expected, found) = (Logits(whole, Batch(pairs, length)), Logits(first, Batch(pairs, length)));
                for (int i = 0; i < pairs; i++)
                    Assert.True(Math.Abs(expected[i] - found[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])),
                        $"seed {seed}: {expected[i]} and {found[i]}");
            }
        }
    }

    [Fact]
    public void Weights_beside_the_file_are_found()
    {
        var data = new MemoryStream();
        using var folder = ModelFolder.Whole();
        var graph = new TinyTransformer { Data = data }.ToBytes();
        File.WriteAllBytes(folder["onnx/model.onnx"], graph);
        File.WriteAllBytes(folder["onnx/model.onnx_data"], data.ToArray());
        Assert.NotNull(FirstTokenGraph.Of(folder["onnx/model.onnx"], ["input_ids", "attention_mask"]));
        var beside = folder.Score(("a", "b c"), ("a", "b"));
        File.WriteAllBytes(folder["onnx/model.onnx"], new TinyTransformer().ToBytes());
        Assert.Equal(folder.Score(("a", "b c"), ("a", "b")), beside);
    }

    [Theory]
    [InlineData("minilm-scifact-cross-encoder/onnx/model.onnx", 0)]
    [InlineData("minilm-scifact-cross-encoder/onnx/model_fp16.onnx", 2e-3)]
    [InlineData("tiny-xlmr-cross-encoder/model.onnx", 0)]
    public void Real_models_give_the_same_logits(string model, double tolerance)
    {
        var whole = File.ReadAllBytes(Repository.Shared(["models", .. model.Split('/')]));
        var first = Rewritten(whole, model.StartsWith("tiny", StringComparison.Ordinal) ? ["input_ids", "attention_mask"]
            : ["input_ids", "attention_mask", "token_type_ids"])!;
        foreach (var (pairs, length) in new[] { (1, 25), (5, 40) })
            AssertClose(Logits(whole, Batch(pairs, length)), Logits(first, Batch(pairs, length)), tolerance);
    }

    /// <summary>With one token instead of two they would not: MLAS multiplies a single row in another order.</summary>
    [Fact]
    public void A_pairs_logit_has_the_same_bits_alone_and_in_a_batch_with_padding()
    {
        var first = Rewritten(File.ReadAllBytes(Repository.Shared("models", "minilm-scifact-cross-encoder", "onnx", "model.onnx")),
            ["input_ids", "attention_mask", "token_type_ids"])!;
        var (ids, mask, pairs, length) = Batch(12, 45);
        var together = Logits(first, (ids, mask, pairs, length));
        Assert.Equal(together, Enumerable.Range(0, pairs).Select(i => Logits(first,
            (ids[(i * length)..(i * length + length - i)], mask[(i * length)..(i * length + length - i)], 1, length - i))[0]));
    }

    [Fact]
    public void A_model_of_568_million_parameters_as_it_is_exported_today_is_cut_at_its_last_layers_input_and_mask()
    {
        var file = Repository.Shared("models", "bge-reranker-v2-m3-graph-only", "model.onnx");
        var model = ModelProto.Parser.ParseFrom(FirstTokenGraph.Of(file, ["input_ids", "attention_mask"]));
        var readers = model.Graph.Node
            .Where(n => n.Input.Any(i => i.StartsWith("rlab/", StringComparison.Ordinal)) && n.OpType != "Slice");
        Assert.Equal(
            [
                "/roberta/encoder/layer.23/attention/output/Add_output_0",
                "/roberta/encoder/layer.23/attention/self/Add_output_0",
                "/roberta/encoder/layer.23/attention/self/Reshape_3_output_0",
                "/roberta/encoder/layer.23/attention/self/Reshape_output_0",
                "/roberta/encoder/layer.23/attention/self/query/MatMul_output_0",
            ],
            readers.Select(n => n.Output[0]).Order(StringComparer.Ordinal));
    }

    byte[]? Rewritten(byte[] model, string[]? inputs = null)
    {
        File.WriteAllBytes(_folder["model.onnx"], model);
        return FirstTokenGraph.Of(_folder["model.onnx"], inputs ?? ["input_ids", "attention_mask"]);
    }

    /// <summary>Token ids and mask: pairs of which each is a token shorter than the one before.</summary>
    static (long[] Ids, long[] Mask, int Pairs, int Length) Batch(int pairs, int length)
    {
        var random = new Random(pairs * 100 + length);
        var mask = new long[pairs * length];
        for (int i = 0; i < mask.Length; i++) mask[i] = i % length < Math.Max(2, length - i / length) ? 1 : 0;
        return ([.. mask.Select(m => m * random.Next(3, TinyTransformer.Words))], mask, pairs, length);
    }

    static void AssertClose(float[] expected, float[] found, double tolerance) =>
        Assert.All(expected.Zip(found), l => Assert.InRange(Math.Abs(l.First - l.Second), 0, tolerance));

    static float[] Logits(byte[] model, (long[] Ids, long[] Mask, int Pairs, int Length) batch) => Run(model, "logits", batch).Values;

    /// <summary>The shape that a tensor on the way has when the graph runs.</summary>
    static long[] Shape(byte[] model, string tensor, (long[] Ids, long[] Mask, int Pairs, int Length) batch)
    {
        var shown = ModelProto.Parser.ParseFrom(model);
        if (shown.Graph.Output.All(o => o.Name != tensor)) shown.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        return Run(shown.ToByteArray(), tensor, batch).Shape;
    }

    static (float[] Values, long[] Shape) Run(byte[] model, string output, (long[] Ids, long[] Mask, int Pairs, int Length) batch)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(model, options);
        using var run = new RunOptions();
        long[] shape = [batch.Pairs, batch.Length];
        var inputs = session.InputNames.Select(name => OrtValue.CreateTensorValueFromMemory(
            name switch { "input_ids" => batch.Ids, "attention_mask" => batch.Mask, _ => new long[batch.Ids.Length] }, shape)).ToArray();
        using var outputs = session.Run(run, session.InputNames, inputs, [output]);
        foreach (var input in inputs) input.Dispose();
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[0].GetTensorTypeAndShape().Shape);
    }

    /// <summary>A chain of operators over [batch, tokens, 8], some of which mix tokens, with residuals, and its first token.</summary>
    static byte[] RandomGraph(Random random)
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Input("attention_mask", OnnxType.Int64, "batch", "sequence")
            .Output("logits", OnnxType.Float, "batch", 1);
        int made = 0;
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        string Weight(params long[] dims) => graph.Initializer($"w{made++}", dims, Numbers((int)dims.Aggregate(1L, (a, b) => a * b)));
        string List(params long[] values) => graph.Initializer($"w{made++}", [values.Length], values);
        string Node(string op, string[] from, params OnnxAttribute[] attributes) => graph.Node(op, $"n{made++}", from, attributes);

        string Turned(string from, params long[] order) => Node("Transpose", [from], OnnxAttribute.Ints("perm", order));

        var hidden = new List<string> { Node("Gather", [Weight(TinyTransformer.Words, 8), "input_ids"]) };
        int steps = random.Next(3, 9);
        for (int step = 0; step < steps; step++)
        {
            string x = hidden[^1], other = hidden[random.Next(hidden.Count)];
            hidden.Add(random.Next(14) switch
            {
                0 => Node("MatMul", [x, Weight(8, 8)]),
                1 => Node("Add", [Weight(8), x]),
                2 => Node("Add", [x, other]),
                3 => Node("Mul", [x, Node("Tanh", [other])]),
                4 => Node("LayerNormalization", [x, Weight(8), Weight(8)]),
                5 => Node("Softmax", [x], OnnxAttribute.Int("axis", random.Next(1, 3))),
                6 => Node("Sub", [x, Node("ReduceMean", [x], OnnxAttribute.Ints("axes", random.Next(1, 3)))]),
                7 => Node("CumSum", [x, graph.Initializer($"w{made++}", [], [1L])]),
                // Attention of one head.
                8 => Node("MatMul", [Node("Softmax", [Node("MatMul", [x, Turned(other, 0, 2, 1)])]), other]),
                9 => Turned(Node("Relu", [Turned(x, 2, 0, 1)]), 1, 2, 0),
                // Heads, their order turned round, and together again.
                10 => Node("Reshape", [Node("Add", [Node("Reshape", [x, List(0, 0, 4, 2)]), Weight(4, 1)]), List(0, -1, 8)]),
                11 => Node("Reshape", [Turned(Node("Reshape", [x, List(0, -1, 2, 4)]), 0, 1, 3, 2), List(0, 0, 8)]),
                // Tokens mixed by a shape that fits by chance.
                12 => Node("Reshape", [Turned(x, 0, 2, 1), Node("Shape", [x])]),
                _ => Node("Where", [Node("Greater", [x, other]), x, Node("MatMul", [other, Weight(8, 8)])]),
            });
        }
        string last = Node("MatMul", [Node("Erf", [hidden[^1]]), Weight(8, 8)]);
        graph.Initializer("token", [], [0L]);
        string pooled = Node("Gather", [last, "token"], OnnxAttribute.Int("axis", 1));
        graph.Node("Gemm", "logits", [pooled, Weight(8, 1)]);
        return graph.ToBytes();
    }
}
