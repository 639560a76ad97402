using global::Onnx;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// A cross-encoder's graph without the work that no logit needs. The classifier reads the last layer's output at the first token only; so
/// of that layer only keys and values are needed for every token, and the query, the attention, its projection and the feed-forward
/// network, ten twelfths of its weights, for the first. The same operators work on fewer rows, and a logit is what it was: ADR 19.
/// </summary>
/// <remarks>
/// Walks the nodes from the last to the first. What is read at the first token only is made for the first tokens only, up to where
/// something needs the whole tensor, or where an operator stands that we do not know to keep tokens apart: there the first tokens are cut
/// out.
/// Two tokens, not one: MLAS, by which ONNX Runtime multiplies on a CPU, adds up a single row's products in another order, and a logit
/// would depend, in its last digits, on its batch.
/// </remarks>
public sealed class FirstTokenGraph
{
    const string Prefix = "rlab/first_token/";

    const int Tokens = 2;

    /// <summary>The first in which Slice takes its axes as inputs.</summary>
    const long MinOpset = 10;

    /// <summary>Bytes; protobuf takes 2 GB, and what we add is little.</summary>
    const long MaxFile = 2_000_000_000;

    /// <summary>An input of a node that has to be the first token's part of a tensor.</summary>
    readonly record struct Use(NodeProto Node, int Input, int Axis);

    readonly GraphProto _graph;
    readonly long _opset;
    readonly TensorShapes _shapes;
    readonly IEnumerable<string> _weights;
    /// <summary>Tensors that something needs whole.</summary>
    readonly HashSet<string> _whole;
    readonly Dictionary<string, List<Use>> _uses = [];
    readonly List<NodeProto> _constants = [];
    readonly List<(NodeProto Node, string Shape)> _reshapes = [];
    int _savedProducts;

    FirstTokenGraph(OnnxModelFile file, long opset, IEnumerable<string> inputs)
    {
        (_graph, _opset) = (file.Model.Graph, opset);
        _shapes = new TensorShapes(_graph, file.Weights, inputs);
        _weights = file.Weights.Select(w => w.Name);
        _whole = [.. _graph.Output.Select(o => o.Name)];
    }

    /// <summary>
    /// The ONNX file, rewritten; null where there is nothing to save, where it is not plain that a logit stays what it is, or where the file
    /// is not whole.
    /// </summary>
    /// <param name="file">An ONNX file. Data files that it names are named by the result as well.</param>
    /// <param name="inputs">Its inputs, each [batch, sequence].</param>
    public static byte[]? Of(string file, IEnumerable<string> inputs)
    {
        if (new FileInfo(file).Length > MaxFile) return null;
        try
        {
            var read = OnnxModelFile.Read(file);
            long opset = read.Model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0;
            return opset >= MinOpset && new FirstTokenGraph(read, opset, inputs).Rewrite() ? read.Write() : null;
        }
        catch (InvalidDataException)
        {
            // What is wrong with a file is ONNX Runtime's to say.
            return null;
        }
    }

    bool Rewrite()
    {
        // Graphs within nodes may read any tensor.
        if (!IsInOrder() || _graph.Node.Any(n => n.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0))) return false;
        var cut = new HashSet<string>();
        foreach (var node in _graph.Node.Reverse())
        {
            bool isWhole = node.Output.Any(_whole.Contains);
            var first = node.Output.Where(_uses.ContainsKey).ToList();
            if (!isWhole && first.Count == 0 || !isWhole && first is [var output] && output == node.Output[0] && Narrow(node)) continue;
            cut.UnionWith(first);
            if (SelectsFirstToken(node)) Read(node, [new Use(node, 0, 1)]);
            else Whole(node.Input);
        }
        if (_savedProducts == 0) return false;

        foreach (var (node, shape) in _reshapes) node.Input[1] = shape;
        cut.UnionWith(_uses.Keys.Except(_graph.Node.SelectMany(n => n.Output)));
        Cut(cut);
        // What the file says of shapes on the way no longer holds.
        _graph.ValueInfo.Clear();
        return true;
    }

    /// <summary>Each tensor is made once, before it is read. ONNX asks for that; ONNX Runtime does without the second.</summary>
    bool IsInOrder()
    {
        var made = _weights.Concat(_graph.Input.Select(i => i.Name)).Append("").ToHashSet();
        return _graph.Node.All(n => n.Input.All(made.Contains) && n.Output.All(o => o.Length == 0 || made.Add(o)));
    }

    /// <summary><c>hidden[:, 0]</c> or <c>hidden[:, :1]</c>.</summary>
    bool SelectsFirstToken(NodeProto node) =>
        node.IsStandard() && _shapes[node.In(0)] is [_, var tokens, _] && tokens == Dimension.Sequence && node.OpType switch
        {
            "Gather" => node.Axis(0, 3) == 1 && _shapes.Constants(node.In(1)) is [0],
            "Slice" => _shapes.Constants(node.In(1)) is [0] && _shapes.Constants(node.In(2)) is [1] && _shapes.Constants(node.In(3)) is [1],
            _ => false,
        };

    /// <summary>Has a node make only what is read of its output; false where that is not known to be right.</summary>
    bool Narrow(NodeProto node)
    {
        var uses = _uses[node.Output[0]];
        int axis = uses[0].Axis;
        if (!node.IsStandard() || uses.Any(u => u.Axis != axis) || _shapes[node.Output[0]] is not { } shape) return false;
        if (node.OpType == "Reshape") return NarrowReshape(node, shape, axis);
        if (Needs(node, shape, axis) is not { } needs) return false;
        Read(node, needs);
        if (node.OpType == "MatMul" && _shapes[node.Input[1]] is [_, _]) _savedProducts++;
        return true;
    }

    /// <summary>
    /// The inputs of which a node needs only the first part along an axis, to make the first part of its output along
    /// <paramref name="axis"/>; it needs the others whole. Null where it needs all of all, or where we do not know.
    /// </summary>
    IReadOnlyList<Use>? Needs(NodeProto node, Dimension[] shape, int axis)
    {
        switch (node.OpType)
        {
            case "MatMul" when axis == shape.Length - 2:
                return [new(node, 0, _shapes[node.Input[0]]!.Length - 2)];
            case "Transpose":
                return [new(node, 0, node.Permutation(shape.Length)![axis])];
            case "LayerNormalization" or "SimplifiedLayerNormalization" or "RMSNormalization" when node.Axis(-1, shape.Length) > axis:
                return [new(node, 0, axis)];
            case "SkipLayerNormalization" or "SkipSimplifiedLayerNormalization"
                when axis == 1 && shape.Length == 3 && _shapes[node.In(1)]?.Length == 3:
                return [new(node, 0, axis), new(node, 1, axis)];
            case "Softmax" when node.Axis(_opset >= 13 ? -1 : 1, shape.Length) == shape.Length - 1 && axis < shape.Length - 1:
                return [new(node, 0, axis)];
            case "ReduceMean" when !_shapes.Axes(node, shape.Length)!.Contains(axis):
                return [new(node, 0, axis)];
            default:
                return node.IsElementwise() ? OfOperands(node, shape, axis) : null;
        }
    }

    List<Use> OfOperands(NodeProto node, Dimension[] shape, int axis)
    {
        var needs = new List<Use>();
        for (int i = 0; i < node.Input.Count; i++)
        {
            var operand = _shapes[node.Input[i]]!;
            int own = axis - (shape.Length - operand.Length);
            if (own >= 0 && !operand[own].IsOne) needs.Add(new(node, i, own));
        }
        return needs;
    }

    /// <summary>
    /// Heads that are split off or put together again: where the dimensions up to the tokens' are the same before and after, a token is a
    /// run of elements on either side.
    /// </summary>
    bool NarrowReshape(NodeProto node, Dimension[] shape, int axis)
    {
        if (_shapes[node.In(0)] is not { } from || from.Length <= axis || !from[..(axis + 1)].SequenceEqual(shape[..(axis + 1)])
            || node.Integer("allowzero", 0) != 0 || shape[(axis + 1)..].Any(d => d.Name is not null || d.Size < 1)) return false;
        // 0: as before, -1: what is left.
        var wanted = shape.Select((d, i) => i < axis ? 0 : i == axis ? -1 : d.Size);
        _reshapes.Add((node, Constant($"shape/{node.Output[0]}", [.. wanted])));
        Need(new Use(node, 0, axis));
        return true;
    }

    void Read(NodeProto node, IReadOnlyList<Use> needs)
    {
        foreach (var use in needs) Need(use);
        Whole(node.Input.Where((_, i) => needs.All(n => n.Input != i)));
    }

    void Need(Use use)
    {
        string tensor = use.Node.Input[use.Input];
        if (!_uses.TryGetValue(tensor, out var uses)) _uses[tensor] = uses = [];
        uses.Add(use);
    }

    /// <summary>Inputs that are left out have no name.</summary>
    void Whole(IEnumerable<string> tensors) => _whole.UnionWith(tensors.Where(t => t.Length > 0));

    /// <summary>Takes the first part out of tensors that are made whole, for those that read no more.</summary>
    void Cut(HashSet<string> tensors)
    {
        string start = Constant("start", [0]), end = Constant("end", [Tokens]);
        var producers = _graph.Node.SelectMany(n => n.Output.Select(o => (Output: o, Node: n))).ToDictionary(p => p.Output, p => p.Node);
        foreach (var byAxis in tensors.SelectMany(t => _uses[t]).GroupBy(u => (Tensor: u.Node.Input[u.Input], u.Axis)))
        {
            var slice = new NodeProto { OpType = "Slice", Name = $"{Prefix}{byAxis.Key.Axis}/{byAxis.Key.Tensor}" };
            slice.Input.Add([byAxis.Key.Tensor, start, end, Constant($"axis/{byAxis.Key.Axis}", [byAxis.Key.Axis])]);
            slice.Output.Add(slice.Name);
            foreach (var use in byAxis) use.Node.Input[use.Input] = slice.Name;
            _graph.Node.Insert(producers.TryGetValue(byAxis.Key.Tensor, out var producer) ? _graph.Node.IndexOf(producer) + 1 : 0, slice);
        }
        foreach (var constant in _constants.DistinctBy(c => c.Name)) _graph.Node.Insert(0, constant);
    }

    /// <summary>The name of a list of integers, which the graph is given.</summary>
    string Constant(string name, long[] values)
    {
        var tensor = new TensorProto { DataType = (int)TensorProto.Types.DataType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        var node = new NodeProto { OpType = "Constant", Name = Prefix + name };
        node.Output.Add(node.Name);
        node.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });
        _constants.Add(node);
        return node.Name;
    }
}
