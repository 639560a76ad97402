using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class CrossEncoderSignatureTests
{
    static readonly OnnxGraphValue Ids = Value("input_ids"), Mask = Value("attention_mask");

    static OnnxGraphValue Value(string name, string type = "int64", params string[] shape) => new(name, type, shape.Length == 0 ? ["batch", "sequence"] : shape);

    static OnnxGraphValue Logits(params string[] shape) => new("logits", "float", shape);

    static OnnxGraph Graph(OnnxGraphValue[] inputs, params OnnxGraphValue[] outputs) => new(inputs, outputs, [], false, 17, "");

    static CrossEncoderSignature Good(OnnxGraph graph)
    {
        var problems = new List<string>();
        var signature = CrossEncoderSignature.Of(graph, "model.onnx", problems.Add);
        Assert.Empty(problems);
        return signature!;
    }

    static List<string> Bad(OnnxGraph graph)
    {
        var problems = new List<string>();
        Assert.Null(CrossEncoderSignature.Of(graph, "model.onnx", problems.Add));
        return problems;
    }

    static string OnlyProblem(OnnxGraph graph) => Assert.Single(Bad(graph));

    [Fact]
    public void Inputs_keep_the_graphs_order_and_type()
    {
        var signature = Good(Graph([Mask, Ids], Logits("batch", "1")));
        Assert.Equal(["attention_mask", "input_ids"], signature.Inputs);
        Assert.Equal((false, "logits", false), (signature.TakesInt32, signature.Output, signature.GivesFloat16));
        Assert.True(Good(Graph([Value("input_ids", "int32")], Logits("batch", "1"))).TakesInt32);
        Assert.True(Good(Graph([Ids], Logits("batch", "1") with { Type = "float16" })).GivesFloat16);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("batch", "1")]
    [InlineData("batch", "2")]
    [InlineData("batch", "labels")]
    [InlineData("?", "?")]
    [InlineData("1", "1")]
    public void One_logit_a_pair_or_two_are_taken_and_sizes_may_be_open(params string[] shape) => Good(Graph([Ids], Logits(shape)));

    [Fact]
    public void Shapes_may_be_left_out() => Good(Graph([Ids with { Shape = null }], Logits() with { Shape = null }));

    [Fact]
    public void The_only_output_is_taken_whatever_its_name_and_logits_before_others()
    {
        Assert.Equal("score", Good(Graph([Ids], Value("score", "float", "batch", "1"))).Output);
        Assert.Equal("logits", Good(Graph([Ids], Value("hidden_states", "float", "a", "b", "c"), Logits("batch", "1"))).Output);
    }

    [Theory]
    [InlineData("batch", "3")]
    [InlineData("batch", "1", "1")]
    public void Other_shapes_of_logits_are_refused_where_they_are_known(params string[] shape)
    {
        Assert.StartsWith($"model.onnx: expected an output 'logits' of shape [batch, 1], [batch, 2] or [batch], found logits [{string.Join(", ", shape)}]",
            OnlyProblem(Graph([Ids], Logits(shape))));
    }

    [Fact]
    public void A_scalar_is_no_logit_a_pair() => Assert.EndsWith("found logits []", OnlyProblem(Graph([Ids], Logits())));

    [Theory]
    [InlineData("last_hidden_state", "batch", "sequence", "384")]
    [InlineData("sentence_embedding", "batch", "384")]
    [InlineData("sentence_embedding", "batch", "hidden")]
    [InlineData("pooler_output", "batch", "hidden")]
    public void A_bi_encoder_is_told_by_its_output(string name, params string[] shape)
    {
        Assert.Contains("this looks like a bi-encoder", OnlyProblem(Graph([Ids, Mask], Value(name, "float", shape))));
        Assert.Contains($"found token_embeddings [a, b, c], {name} [", OnlyProblem(Graph([Ids, Mask],
            Value("token_embeddings", "float", "a", "b", "c"), Value(name, "float", shape))));
    }

    [Theory]
    [InlineData("position_ids")]
    [InlineData("past_key_values.0.key")]
    public void A_decoder_is_told_by_its_inputs(string input)
    {
        var problems = Bad(Graph([Ids, Mask, Value(input)], Logits("batch", "sequence", "151936"), Value("present.0.key", "float")));
        Assert.Equal(2, problems.Count);
        Assert.StartsWith($"model.onnx: unexpected inputs (input_ids, attention_mask, {input}); a cross-encoder takes input_ids", problems[0]);
        Assert.EndsWith("this looks like a decoder: export it as a sequence classifier", problems[0]);
        Assert.EndsWith("this looks like a language model (a decoder reranker?): export it as a sequence classifier", problems[1]);
    }

    [Fact]
    public void Positions_of_an_encoder_are_told_from_a_decoders() => Assert.EndsWith(
        "attention_mask and token_type_ids; export it without position_ids, which such a model can count itself",
        OnlyProblem(Graph([Ids, Mask, Value("position_ids")], Logits("batch", "1"))));

    [Fact]
    public void Inputs_that_rlab_does_not_know_are_listed()
    {
        Assert.Equal("model.onnx: unexpected inputs (input_ids, pixel_values); a cross-encoder takes input_ids, and perhaps attention_mask and token_type_ids",
            OnlyProblem(Graph([Ids, Value("pixel_values", "float")], Logits("batch", "1"))));
        Assert.Contains("unexpected inputs (attention_mask)", OnlyProblem(Graph([Mask], Logits("batch", "1"))));
    }

    [Fact]
    public void Inputs_of_other_types_are_refused()
    {
        Assert.Equal("model.onnx: expected inputs of int64 or of int32, found float", OnlyProblem(Graph([Value("input_ids", "float")], Logits("batch", "1"))));
        Assert.Equal("model.onnx: expected inputs of int64 or of int32, found int64, int32",
            OnlyProblem(Graph([Ids, Value("attention_mask", "int32")], Logits("batch", "1"))));
    }

    [Theory]
    [InlineData("1", "512")]
    [InlineData("batch", "512")]
    public void A_graph_of_fixed_size_is_refused(params string[] shape) => Assert.Equal(
        $"model.onnx: expected inputs of [batch, sequence], found input_ids [{string.Join(", ", shape)}]: batches and lengths differ; export it with dynamic axes",
        OnlyProblem(Graph([Value("input_ids", "int64", shape)], Logits("batch", "1"))));

    [Fact]
    public void Logits_of_another_type_are_refused() => Assert.Equal("model.onnx: expected logits of float or " +
        "float16, found bfloat16; export it with a Cast to float at the end",
        OnlyProblem(Graph([Ids], Logits("batch", "1") with { Type = "bfloat16" })));
}
