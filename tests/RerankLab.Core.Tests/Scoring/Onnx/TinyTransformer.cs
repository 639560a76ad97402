using global::Onnx;
using Google.Protobuf;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

/// <summary>How the heads' shape is written, as exporters of several years do.</summary>
public enum Heads { ShapeOfQuery, ShapeOfHidden, CopiedDimensions, RestOfDimensions }

/// <summary>How layers are normalised: by operators of arithmetic, by ONNX's own, by ONNX Runtime's fused one.</summary>
public enum Norm { Arithmetic, Standard, Fused }

/// <summary>What the classifier reads.</summary>
public enum Pooling { FirstToken, FirstTokensSlice, SecondToken, Mean }

/// <summary>
/// A BERT of two layers with random weights: 16 wide, 2 heads, token ids below 50. Tensors of the layers are named
/// <c>l0.query</c>, <c>l1.ffn</c> and so on.
/// </summary>
sealed class TinyTransformer
{
    public const int Words = 50;

    const int Width = 16, HeadCount = 2, HeadWidth = 8;

    readonly OnnxModelWriter _graph = new();
    readonly Random _random = new(1);
    readonly HashSet<string> _constants = [];

    public Heads Heads { get; init; } = Heads.ShapeOfHidden;

    public Norm Norm { get; init; } = Norm.Standard;

    public Pooling Pooling { get; init; } = Pooling.FirstToken;

    /// <summary>Tensors that the graph gives besides its logits.</summary>
    public string[] Outputs { get; init; } = [];

    /// <summary>Weights that lie beside the file, in <c>model.onnx_data</c>; null: none.</summary>
    public MemoryStream? Data { get; init; }

    /// <summary>Changes the file after it was made.</summary>
    public Action<ModelProto>? Change { get; init; }

    public byte[] ToBytes()
    {
        _graph.Input("input_ids", OnnxType.Int64, "batch", "sequence")
            .Input("attention_mask", OnnxType.Int64, "batch", "sequence")
            .Output("logits", OnnxType.Float, "batch", 1);
        foreach (var output in Outputs) _graph.Output(output, OnnxType.Float, "batch", "any", "width");
        Constant("1.0", [], [1f]);
        Constant("-10000.0", [], [-10_000f]);
        foreach (int axis in new[] { 1, 2 }) _graph.Initializer($"[{axis}]", [1], [(long)axis]);

        _graph.Node("Gather", "words", [Weight("word.weight", Words, Width), "input_ids"]);
        _graph.Node("Unsqueeze", "mask3", ["attention_mask", "[1]"]);
        _graph.Node("Unsqueeze", "mask4", ["mask3", "[2]"]);
        _graph.Node("Cast", "kept", ["mask4"], OnnxAttribute.Int("to", 1));
        _graph.Node("Sub", "left_out", ["1.0", "kept"]);
        _graph.Node("Mul", "mask", ["left_out", "-10000.0"]);
        string hidden = Normalised("embedded", "words", null);
        foreach (var layer in new[] { "l0", "l1" }) hidden = Layer(layer, hidden);
        _graph.Node("Gemm", "logits", [Pooled(hidden), Weight("classifier.weight", Width, 1), Weight("classifier.bias", 1)]);

        var model = ModelProto.Parser.ParseFrom(_graph.ToBytes());
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        foreach (var node in model.Graph.Node.Where(n => n.OpType == "SkipLayerNormalization")) node.Domain = "com.microsoft";
        Change?.Invoke(model);
        return model.ToByteArray();
    }

    string Layer(string layer, string hidden)
    {
        string context = Merged(layer, Attention(layer, hidden), hidden);
        string attention = Normalised($"{layer}.attention", hidden, Linear($"{layer}.projected", context, Width, Width));
        string ffn = Linear($"{layer}.ffn", attention, Width, 2 * Width);
        // GELU by its error function.
        Constant("root of 2", [], [MathF.Sqrt(2)]);
        Constant("0.5", [], [0.5f]);
        _graph.Node("Div", $"{layer}.scaled", [ffn, "root of 2"]);
        _graph.Node("Erf", $"{layer}.erf", [$"{layer}.scaled"]);
        _graph.Node("Add", $"{layer}.erf+1", [$"{layer}.erf", "1.0"]);
        _graph.Node("Mul", $"{layer}.twice", [ffn, $"{layer}.erf+1"]);
        _graph.Node("Mul", $"{layer}.gelu", [$"{layer}.twice", "0.5"]);
        return Normalised(layer, attention, Linear($"{layer}.out", $"{layer}.gelu", 2 * Width, Width));
    }

    string Attention(string layer, string hidden)
    {
        string query = Split($"{layer}.query", hidden, hidden, 0, 2, 1, 3);
        string key = Split($"{layer}.key", hidden, hidden, 0, 2, 3, 1);
        string value = Split($"{layer}.value", hidden, hidden, 0, 2, 1, 3);
        Constant("scale", [], [1 / MathF.Sqrt(HeadWidth)]);
        _graph.Node("MatMul", $"{layer}.products", [query, key]);
        _graph.Node("Mul", $"{layer}.scaled_products", [$"{layer}.products", "scale"]);
        _graph.Node("Add", $"{layer}.scores", [$"{layer}.scaled_products", "mask"]);
        _graph.Node("Softmax", $"{layer}.weights", [$"{layer}.scores"], OnnxAttribute.Int("axis", -1));
        return _graph.Node("MatMul", $"{layer}.heads", [$"{layer}.weights", value]);
    }

    string Split(string name, string from, string hidden, params long[] order)
    {
        string linear = Linear(name, from, Width, Width);
        string shape = Shape($"{name}.split", Heads == Heads.ShapeOfHidden ? hidden : linear, HeadCount, HeadWidth);
        _graph.Node("Reshape", $"{name}.reshaped", [linear, shape]);
        return _graph.Node("Transpose", $"{name}.heads", [$"{name}.reshaped"], OnnxAttribute.Ints("perm", order));
    }

    string Merged(string layer, string heads, string hidden)
    {
        _graph.Node("Transpose", $"{layer}.transposed", [heads], OnnxAttribute.Ints("perm", 0, 2, 1, 3));
        string of = Heads == Heads.ShapeOfHidden ? hidden : $"{layer}.transposed";
        return _graph.Node("Reshape", $"{layer}.context", [$"{layer}.transposed", Shape($"{layer}.merged", of, Width)]);
    }

    /// <summary>Batch and tokens as they are, and what comes after them.</summary>
    string Shape(string name, string of, params long[] rest)
    {
        switch (Heads)
        {
            case Heads.CopiedDimensions: return _graph.Initializer(name, [2 + rest.Length], [0, 0, .. rest]);
            case Heads.RestOfDimensions: return _graph.Initializer(name, [2 + rest.Length], [0, -1, .. rest]);
        }
        _graph.Node("Shape", $"{name}.shape", [of]);
        if (_constants.Add("[0]")) _graph.Initializer("[0]", [1], [0L]);
        _graph.Node("Gather", $"{name}.batch", [$"{name}.shape", "[0]"]);
        _graph.Node("Gather", $"{name}.tokens", [$"{name}.shape", "[1]"]);
        _graph.Initializer($"{name}.rest", [rest.Length], rest);
        return _graph.Node("Concat", name, [$"{name}.batch", $"{name}.tokens", $"{name}.rest"], OnnxAttribute.Int("axis", 0));
    }

    string Linear(string name, string from, int width, int to)
    {
        _graph.Node("MatMul", $"{name}.product", [from, Weight($"{name}.weight", width, to)]);
        return _graph.Node("Add", name, [Weight($"{name}.bias", to), $"{name}.product"]);
    }

    string Normalised(string name, string a, string? b)
    {
        string weight = Weight($"{name}.norm.weight", Width), bias = Weight($"{name}.norm.bias", Width);
        if (Norm == Norm.Fused && b is not null)
            return _graph.Node("SkipLayerNormalization", name, [a, b, weight, bias], OnnxAttribute.Float("epsilon", 1e-6f));
        string sum = b is null ? a : _graph.Node("Add", $"{name}.sum", [a, b]);
        if (Norm != Norm.Arithmetic)
            return _graph.Node("LayerNormalization", name, [sum, weight, bias], OnnxAttribute.Int("axis", -1),
                OnnxAttribute.Float("epsilon", 1e-6f));
        Constant("2.0", [], [2f]);
        Constant("1e-6", [], [1e-6f]);
        _graph.Node("ReduceMean", $"{name}.mean", [sum], OnnxAttribute.Ints("axes", -1));
        _graph.Node("Sub", $"{name}.centred", [sum, $"{name}.mean"]);
        _graph.Node("Pow", $"{name}.squares", [$"{name}.centred", "2.0"]);
        _graph.Node("ReduceMean", $"{name}.variance", [$"{name}.squares"], OnnxAttribute.Ints("axes", -1));
        _graph.Node("Add", $"{name}.variance+", [$"{name}.variance", "1e-6"]);
        _graph.Node("Sqrt", $"{name}.deviation", [$"{name}.variance+"]);
        _graph.Node("Div", $"{name}.normal", [$"{name}.centred", $"{name}.deviation"]);
        _graph.Node("Mul", $"{name}.weighed", [$"{name}.normal", weight]);
        return _graph.Node("Add", name, [$"{name}.weighed", bias]);
    }

    string Pooled(string hidden)
    {
        switch (Pooling)
        {
            case Pooling.Mean:
                return _graph.Node("ReduceMean", "pooled", [hidden], OnnxAttribute.Ints("axes", 1), OnnxAttribute.Int("keepdims", 0));
            case Pooling.FirstTokensSlice:
                if (_constants.Add("[0]")) _graph.Initializer("[0]", [1], [0L]);
                _graph.Node("Slice", "first", [hidden, "[0]", "[1]", "[1]"]);
                return _graph.Node("Squeeze", "pooled", ["first", "[1]"]);
            default:
                _graph.Initializer("token", [], [Pooling == Pooling.SecondToken ? 1L : 0L]);
                return _graph.Node("Gather", "pooled", [hidden, "token"], OnnxAttribute.Int("axis", 1));
        }
    }

    void Constant(string name, long[] dims, float[] values)
    {
        if (_constants.Add(name)) _graph.Initializer(name, dims, values);
    }

    string Weight(string name, params long[] dims)
    {
        var values = Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(_ => _random.NextSingle() - 0.5f).ToArray();
        if (Data is null) return _graph.Initializer(name, dims, values);
        var raw = values.SelectMany(BitConverter.GetBytes).ToArray();
        _graph.External(name, OnnxType.Float, dims, "model.onnx_data", Data.Position, raw.Length);
        Data.Write(raw);
        return name;
    }
}
