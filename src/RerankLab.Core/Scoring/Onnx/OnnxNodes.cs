using global::Onnx;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>What a node of an ONNX graph says, with the defaults of its operator filled in.</summary>
static class OnnxNodes
{
    /// <summary>Each element of the output comes from those of the inputs at the same place, smaller inputs being repeated.</summary>
    static readonly HashSet<string> Elementwise =
    [
        "Abs", "Add", "And", "BiasGelu", "Cast", "Clip", "Div", "Elu", "Equal", "Erf", "Exp", "FastGelu", "Gelu", "Greater",
        "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Min", "Mish",
        "Mul", "Neg", "Not", "Or", "Pow", "QuickGelu", "Reciprocal", "Relu", "Selu", "Sigmoid", "Softplus", "Sqrt", "Sub", "Tanh", "Where",
    ];

    /// <summary>False for an operator that the file defines itself, or that we do not know.</summary>
    public static bool IsStandard(this NodeProto node) => node.Domain is "" or "ai.onnx" or "com.microsoft";

    public static bool IsElementwise(this NodeProto node) => Elementwise.Contains(node.OpType);

    /// <summary>The name of an input; empty where it is left out.</summary>
    public static string In(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    public static long Integer(this NodeProto node, string attribute, long byDefault) =>
        node.Attribute.FirstOrDefault(a => a.Name == attribute)?.I ?? byDefault;

    /// <summary>The axis that a node works along, of <paramref name="rank"/>; null where there is no such axis.</summary>
    public static int? Axis(this NodeProto node, long byDefault, int rank) =>
        node.Integer("axis", byDefault) is var axis && axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : null;

    /// <summary>The dimensions that a Shape node gives; null where it asks for none that there are.</summary>
    public static Range? Range(this NodeProto node, int rank)
    {
        long start = node.Integer("start", 0), end = node.Integer("end", rank);
        start = Math.Clamp(start < 0 ? start + rank : start, 0, rank);
        end = Math.Clamp(end < 0 ? end + rank : end, 0, rank);
        return start <= end ? (int)start..(int)end : null;
    }

    /// <summary>A Transpose node's order of axes; null where it is none of <paramref name="rank"/> axes.</summary>
    public static int[]? Permutation(this NodeProto node, int rank)
    {
        int[] order = node.Attribute.FirstOrDefault(a => a.Name == "perm") is { } perm
            ? [.. perm.Ints.Select(i => (int)i)] : [.. Enumerable.Range(0, rank).Reverse()];
        return order.Order().SequenceEqual(Enumerable.Range(0, rank)) ? order : null;
    }
}
