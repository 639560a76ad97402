using System.Text.Json;
using RerankLab.Demo;

namespace RerankLab.Cli.Tests;

/// <summary>Writes odd cross-encoders, with the demo's tokenizer.</summary>
static class Models
{
    /// <summary>The side of the matrices that make a batch of the slow model long.</summary>
    const int SlowSize = 448;

    /// <summary>A model folder: the demo's tokenizer, and a graph.</summary>
    public static void Write(Rlab rlab, string folder, OnnxModelWriter graph)
    {
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json", "config.json" })
            rlab.Copy(Path.Combine(Repository.Demo, "model", name), $"{folder}/{name}");
        graph.Save(rlab[$"{folder}/onnx/model.onnx"]);
    }

    /// <summary>The id that the demo's tokenizer gives a token.</summary>
    public static long IdOf(string token)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Demo, "model",
            "tokenizer.json")));
        return json.RootElement.GetProperty("model").GetProperty("vocab").GetProperty(token).GetInt64();
    }

    /// <summary>A logit between -5 and 5 from the sum of a pair's ids, exact whatever the batch.</summary>
    public static OnnxModelWriter SumOfIds()
    {
        var graph = Begin();
        graph.Node("Identity", "logits", ["logit"]);
        return graph;
    }

    /// <summary>The same logit for every pair, as a head gives that was never trained.</summary>
    public static OnnxModelWriter Constant(float logit)
    {
        var graph = Begin();
        graph.Initializer("nothing", [], [0f]);
        graph.Initializer("constant", [], [logit]);
        graph.Node("Mul", "zero", ["logit", "nothing"]);
        graph.Node("Add", "logits", ["zero", "constant"]);
        return graph;
    }

    /// <summary>
    /// The mean of a pair's ids, padding included: a logit depends on how long the others of its batch are.
    /// </summary>
    public static OnnxModelWriter MeanWithPadding()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Output("logits", OnnxType.Float, "batch", 1);
        graph.Initializer("thousand", [], [1000f]);
        graph.Node("Cast", "ids", ["input_ids"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("ReduceMean", "mean", ["ids"], OnnxAttribute.Ints("axes", 1), OnnxAttribute.Int("keepdims", 1));
        graph.Node("Div", "logits", ["mean", "thousand"]);
        return graph;
    }

    /// <summary>A model that knows the first tokens only, as another tokenizer's would.</summary>
    public static OnnxModelWriter SmallTable(int tokens)
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Output("logits", OnnxType.Float, "batch", 1);
        graph.Initializer("table", [tokens, 1], new float[tokens]);
        graph.Initializer("axis_1", [1], [1L]);
        graph.Node("Gather", "embedded", ["table", "input_ids"], OnnxAttribute.Int("axis", 0));
        graph.Node("ReduceSum", "logits", ["embedded", "axis_1"], OnnxAttribute.Int("keepdims", 0));
        return graph;
    }

    /// <summary>As <see cref="SumOfIds"/>, but <paramref name="bad"/> for every pair that has the token.</summary>
    public static OnnxModelWriter BadForToken(long token, float bad)
    {
        var graph = Begin();
        graph.Initializer("token", [], [token]);
        graph.Initializer("bad", [], [bad]);
        graph.Initializer("half", [], [0.5f]);
        graph.Node("Equal", "is_token", ["input_ids", "token"]);
        graph.Node("Cast", "is_token_float", ["is_token"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("ReduceMax", "has_token_float", ["is_token_float"], OnnxAttribute.Ints("axes", 1),
            OnnxAttribute.Int("keepdims", 1));
        graph.Node("Greater", "has_token", ["has_token_float", "half"]);
        graph.Node("Where", "logits", ["has_token", "bad", "logit"]);
        return graph;
    }

    /// <summary>
    /// As <see cref="SumOfIds"/>, but every batch takes long, however many pairs it holds: slow with small batches,
    /// quick
    /// with big ones, and one scorer with both.
    /// </summary>
    public static OnnxModelWriter SlowByBatch(int products = 12)
    {
        var graph = Begin();
        var row = new float[SlowSize * SlowSize];
        for (int i = 0; i < row.Length; i++) row[i] = 1f / SlowSize;
        graph.Initializer("matrix", [SlowSize, SlowSize], row);
        graph.Initializer("nothing", [], [0f]);
        // From the input, so that nothing of this can be worked out beforehand.
        graph.Node("ReduceMax", "greatest", ["logit"], OnnxAttribute.Int("keepdims", 0));
        graph.Node("Add", "product_0", ["matrix", "greatest"]);
        for (int i = 1; i <= products; i++)
        {
            graph.Node("MatMul", $"longer_{i}", [$"product_{i - 1}", "matrix"]);
            graph.Node("Tanh", $"product_{i}", [$"longer_{i}"]);
        }
        graph.Node("ReduceMax", "last", [$"product_{products}"], OnnxAttribute.Int("keepdims", 0));
        graph.Node("Mul", "last_nothing", ["last", "nothing"]);
        graph.Node("Add", "logits", ["logit", "last_nothing"]);
        return graph;
    }

    /// <summary>As <see cref="SumOfIds"/>, but each pair of a batch takes so much memory.</summary>
    public static OnnxModelWriter Hungry(int megabytes)
    {
        var graph = Begin();
        graph.Initializer("shape", [2], [1L, megabytes * (1L << 20) / sizeof(float)]);
        graph.Node("Expand", "many", ["logit", "shape"]);
        graph.Node("ReduceMax", "logits", ["many"], OnnxAttribute.Ints("axes", 1), OnnxAttribute.Int("keepdims", 1));
        return graph;
    }

    /// <summary>
    /// A linear layer of a pair's mean embedding, quantised as ONNX Runtime's dynamic quantisation does: the factor's
    /// scale comes from the whole batch, so that a logit depends on the pairs beside it.
    /// </summary>
    public static OnnxModelWriter DynamicInt8()
    {
        const int width = 16, rows = 1009;
        var random = new Random(5);
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Input("attention_mask", OnnxType.Int64, "batch", "sequence");
        graph.Output("logits", OnnxType.Float, "batch", 1);
        graph.Initializer("axis_1", [1], [1L]);
        graph.Initializer("axis_2", [1], [2L]);
        graph.Initializer("rows", [], [(long)rows]);
        graph.Initializer("embedding", [rows, width], [.. Enumerable.Range(0, rows * width).Select(_ => random.NextSingle() - 0.5f)]);
        graph.Initializer("weight", OnnxType.Int8, [width, 1], [.. Enumerable.Range(0, width).Select(_ => (byte)random.Next(256))]);
        graph.Initializer("weight_scale", [], [0.1f]);
        graph.Node("Mod", "row", ["input_ids", "rows"]);
        graph.Node("Gather", "embedded", ["embedding", "row"], OnnxAttribute.Int("axis", 0));
        graph.Node("Cast", "mask", ["attention_mask"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("Unsqueeze", "mask_column", ["mask", "axis_2"]);
        graph.Node("Mul", "masked", ["embedded", "mask_column"]);
        graph.Node("ReduceSum", "sum", ["masked", "axis_1"], OnnxAttribute.Int("keepdims", 0));
        graph.Node("ReduceSum", "tokens", ["mask", "axis_1"], OnnxAttribute.Int("keepdims", 1));
        graph.Node("Div", "mean", ["sum", "tokens"]);
        graph.Node("DynamicQuantizeLinear", ["mean_quantised", "mean_scale", "mean_zero"], ["mean"]);
        graph.Node("MatMulInteger", "product", ["mean_quantised", "weight", "mean_zero"]);
        graph.Node("Cast", "product_float", ["product"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("Mul", "scale", ["mean_scale", "weight_scale"]);
        graph.Node("Mul", "logits", ["product_float", "scale"]);
        return graph;
    }

    static OnnxModelWriter Begin()
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        graph.Output("logits", OnnxType.Float, "batch", 1);
        graph.Initializer("axis_1", [1], [1L]);
        graph.Initializer("modulus", [], [1009L]);
        graph.Initializer("hundred", [], [100f]);
        graph.Initializer("five", [], [5f]);
        graph.Node("ReduceSum", "sum", ["input_ids", "axis_1"], OnnxAttribute.Int("keepdims", 1));
        graph.Node("Mod", "rest", ["sum", "modulus"]);
        graph.Node("Cast", "rest_float", ["rest"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("Div", "hundredths", ["rest_float", "hundred"]);
        graph.Node("Sub", "logit", ["hundredths", "five"]);
        return graph;
    }
}
