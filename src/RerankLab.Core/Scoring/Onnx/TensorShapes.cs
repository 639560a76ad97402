using global::Onnx;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// One dimension of a tensor before the graph runs: a number, or a name that stands for the same size wherever it stands. A size that
/// nothing is known of has a name of its own.
/// </summary>
readonly record struct Dimension(string? Name, long Size)
{
    /// <summary>Pairs of a batch, and tokens of the longest of them, which are at least two.</summary>
    public static readonly Dimension Batch = new("batch", 0), Sequence = new("sequence", 0);

    public static Dimension Of(long size) => new(null, size);

    /// <summary>A size that nothing is known of.</summary>
    public static Dimension Open(string tensor, int axis) => new($"{tensor}[{axis}]", 0);

    public bool IsShared => this == Batch || this == Sequence;

    public bool IsOne => this == Of(1);
}

/// <summary>
/// What is known of the shapes of a cross-encoder's tensors before it runs, in one walk over its nodes, which ONNX wants sorted. Rules of
/// the operators: Operators.md of ONNX 1.17. What is not known here is left open, never guessed.
/// </summary>
sealed class TensorShapes
{
    /// <summary>More dimensions than a transformer's tensors have.</summary>
    const int MaxRank = 16;

    readonly Dictionary<string, Dimension[]> _shapes = [];
    readonly Dictionary<string, Dimension[]> _values = [];

    /// <param name="graph">The graph.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="inputs">Those of its inputs that rlab feeds, each [batch, sequence].</param>
    public TensorShapes(GraphProto graph, IEnumerable<TensorProto> weights, IEnumerable<string> inputs)
    {
        foreach (var input in inputs) _shapes[input] = [Dimension.Batch, Dimension.Sequence];
        foreach (var weight in weights) Add(weight.Name, weight);
        foreach (var node in graph.Node)
        {
            if (node.Output.Count == 0 || !node.IsStandard()) continue;
            if (node.OpType == "Constant" && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } constant)
                Add(node.Output[0], constant);
            else
            {
                if (ShapeOf(node) is { } shape) _shapes[node.Output[0]] = shape;
                if (ValuesOf(node) is { } values) _values[node.Output[0]] = values;
            }
        }
    }

    /// <summary>A tensor's dimensions; null where not even their number is known.</summary>
    public Dimension[]? this[string tensor] => _shapes.GetValueOrDefault(tensor);

    /// <summary>The elements of a scalar or list of integers, as far as shapes are made of them; null where they are not known.</summary>
    public Dimension[]? Values(string tensor) => _values.GetValueOrDefault(tensor);

    /// <summary>The numbers in a tensor that is constant; null for any other.</summary>
    public long[]? Constants(string tensor) =>
        Values(tensor) is { } values && values.All(v => v.Name is null) ? [.. values.Select(v => v.Size)] : null;

    void Add(string name, TensorProto tensor)
    {
        _shapes[name] = [.. tensor.Dims.Select(Dimension.Of)];
        if (tensor.DataType != (int)TensorProto.Types.DataType.Int64 || tensor.Dims.Count > 1) return;
        if (tensor.Int64Data.Count > 0) _values[name] = [.. tensor.Int64Data.Select(Dimension.Of)];
        else if (tensor.RawData.Length == 8 * (tensor.Dims.Count == 0 ? 1 : tensor.Dims[0]))
            _values[name] = [.. Enumerable.Range(0, tensor.RawData.Length / 8)
                .Select(i => Dimension.Of(System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(tensor.RawData.Span[(8 * i)..])))];
    }

    Dimension[]? ShapeOf(NodeProto node)
    {
        var first = this[node.In(0)];
        switch (node.OpType)
        {
            case "Shape":
                return first is not null && node.Range(first.Length) is { } range ? [Dimension.Of(first[range].Length)] : null;
            case "Gather" when first is not null && this[node.In(1)] is { } indices && node.Axis(0, first.Length) is { } axis:
                return [.. first[..axis], .. indices, .. first[(axis + 1)..]];
            case "Transpose" when first is not null && node.Permutation(first.Length) is { } order:
                return [.. order.Select(i => first[i])];
            case "Reshape":
                return Reshaped(node, first);
            case "Expand":
                return first is not null && Listed(node.Output[0], node.In(1)) is { } wider
                    ? Broadcast(node.Output[0], first, wider) : null;
            case "ConstantOfShape":
                return Listed(node.Output[0], node.In(0));
            case "Unsqueeze" when first is not null && NamedAxes(node) is { } named && Axes(node, first.Length + named.Length) is { } axes:
                return Unsqueezed(first, axes);
            case "Squeeze" when first is not null && Axes(node, first.Length) is { } axes:
                return [.. first.Where((_, i) => !axes.Contains(i))];
            case "Concat" when node.Input.All(i => this[i] is [_]):
                return [node.Input.All(i => this[i] is [{ Name: null }])
                    ? Dimension.Of(node.Input.Sum(i => this[i]![0].Size)) : Dimension.Open(node.Output[0], 0)];
            case "Slice":
                // Which axes are cut may be known, what is left of them is not.
                return first is null ? null
                    : [.. first.Select((d, i) => IsCut(node, i, first.Length) ? Dimension.Open(node.Output[0], i) : d)];
            case "MatMul":
                return Product(node.Output[0], first, this[node.In(1)]);
            case "Gemm":
                return Unknown(node.Output[0], 2);
            case "ReduceMean" when first is not null && Axes(node, first.Length) is { } axes && node.Integer("keepdims", 1) == 1:
                return [.. first.Select((d, i) => axes.Contains(i) ? Dimension.Of(1) : d)];
            case "Softmax" or "LayerNormalization" or "SimplifiedLayerNormalization" or "RMSNormalization" or "SkipLayerNormalization"
                or "SkipSimplifiedLayerNormalization" or "CumSum":
                return first;
            default:
                return node.IsElementwise() ? Broadcast(node) : null;
        }
    }

    Dimension[]? ValuesOf(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Shape":
                return this[node.In(0)] is { } shape && node.Range(shape.Length) is { } range ? shape[range] : null;
            case "Gather" when Values(node.In(0)) is { } from && Constants(node.In(1)) is { } indices
                               && indices.All(i => i >= -from.Length && i < from.Length):
                return [.. indices.Select(i => from[i < 0 ? i + from.Length : i])];
            case "Concat" when node.Input.All(i => Values(i) is not null && this[i] is [_]):
                return [.. node.Input.SelectMany(i => Values(i)!)];
            case "Unsqueeze" or "Squeeze" or "Identity" or "Cast":
                return Values(node.In(0));
            default:
                return null;
        }
    }

    /// <summary>The axes that a node works along, counted from the first; null where they are not known.</summary>
    public long[]? Axes(NodeProto node, int rank) => NamedAxes(node) is { } axes ? FromFirst(axes, rank) : null;

    /// <summary>Axes as a node names them, in an attribute (before opset 13 or 18) or in its second input.</summary>
    long[]? NamedAxes(NodeProto node) =>
        node.Attribute.FirstOrDefault(a => a.Name == "axes") is { } attribute ? [.. attribute.Ints]
        : node.Input.Count > 1 ? Constants(node.Input[1]) : null;

    bool IsCut(NodeProto node, int axis, int rank) =>
        node.Input.Count < 4 || Constants(node.Input[3]) is not { } axes || FromFirst(axes, rank).Contains(axis);

    /// <summary>Negative axes are counted from behind the last.</summary>
    static long[] FromFirst(long[] axes, int rank) => [.. axes.Select(a => a < 0 ? a + rank : a)];

    static Dimension[]? Unsqueezed(Dimension[] from, long[] axes)
    {
        var shape = from.ToList();
        foreach (long axis in axes.Order())
        {
            if (axis < 0 || axis > shape.Count) return null;
            shape.Insert((int)axis, Dimension.Of(1));
        }
        return [.. shape];
    }

    Dimension[]? Reshaped(NodeProto node, Dimension[]? from)
    {
        if (Values(node.In(1)) is not { } wanted) return Listed(node.Output[0], node.In(1));
        if (node.Integer("allowzero", 0) != 0) return Unknown(node.Output[0], wanted.Length);
        var shape = wanted.Select((d, i) => d == Dimension.Of(0) ? from is not null && i < from.Length ? from[i] : Dimension.Open(node.Output[0], i) : d)
            .ToArray();
        int rest = Array.IndexOf(shape, Dimension.Of(-1));
        if (rest >= 0) shape[rest] = from is not null && Left(from, [.. shape.Where((_, i) => i != rest)]) is { } left
            ? left : Dimension.Open(node.Output[0], rest);
        return shape;
    }

    /// <summary>What -1 stands for: the dimension that <paramref name="all"/> has and <paramref name="named"/> lacks, if it is one.</summary>
    static Dimension? Left(Dimension[] all, Dimension[] named)
    {
        var names = all.Where(d => d.Name is not null).ToList();
        if (named.Where(d => d.Name is not null).Any(d => !names.Remove(d))) return null;
        long from = Numbers(all), to = Numbers(named);
        return names switch
        {
            [] when to > 0 && from % to == 0 => Dimension.Of(from / to),
            [var one] when from == to => one,
            _ => null,
        };

        static long Numbers(Dimension[] shape) =>
            shape.Where(d => d.Name is null).Aggregate(1L, (product, d) => unchecked(product * d.Size));
    }

    /// <summary>The shape that a tensor lists: open dimensions where only their number is known.</summary>
    Dimension[]? Listed(string output, string list) =>
        Values(list) ?? (this[list] is [{ Name: null } rank] ? Unknown(output, rank.Size) : null);

    static Dimension[]? Product(string output, Dimension[]? a, Dimension[]? b) =>
        a is { Length: >= 2 } && b is { Length: >= 2 } ? [.. Broadcast(output, a[..^2], b[..^2]), a[^2], b[^1]] : null;

    Dimension[]? Broadcast(NodeProto node)
    {
        Dimension[]? shape = null;
        foreach (var input in node.Input)
        {
            if (this[input] is not { } operand) return null;
            shape = shape is null ? operand : Broadcast(node.Output[0], shape, operand);
        }
        return shape;
    }

    /// <summary>
    /// Two shapes aligned at their ends. A graph takes every batch and every length, and so what meets a batch's dimension has its size or
    /// 1; the same holds for any number but 1.
    /// </summary>
    static Dimension[] Broadcast(string output, Dimension[] a, Dimension[] b)
    {
        int rank = Math.Max(a.Length, b.Length);
        return [.. Enumerable.Range(0, rank).Select(i => (From(a, i), From(b, i)) switch
        {
            var (x, y) when x == y || y.IsOne => x,
            var (x, y) when x.IsOne => y,
            var (x, y) when x.IsShared && !y.IsShared || x.Name is null && y.Name is not null && !y.IsShared => x,
            var (x, y) when y.IsShared && !x.IsShared || y.Name is null && x.Name is not null && !x.IsShared => y,
            _ => Dimension.Open(output, i),
        })];

        Dimension From(Dimension[] shape, int i) => i < rank - shape.Length ? Dimension.Of(1) : shape[i - (rank - shape.Length)];
    }

    static Dimension[]? Unknown(string output, long rank) =>
        rank is < 0 or > MaxRank ? null : [.. Enumerable.Range(0, (int)rank).Select(i => Dimension.Open(output, i))];
}
