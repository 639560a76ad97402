namespace RerankLab.Core.Scoring.Onnx;

/// <summary>What an ONNX file says of its graph.</summary>
/// <param name="Inputs">What the main graph takes, weights that are listed as inputs left out.</param>
/// <param name="Outputs">What the main graph gives.</param>
/// <param name="DataFiles">External data files, relative to the ONNX file, each once, in the order met.</param>
/// <param name="IsDynamicallyQuantised">
/// True where activations are quantised by what the batch holds: a score then depends, a little, on the other pairs.
/// </param>
/// <param name="Opset">The version of the standard operator set; 0 where none is named.</param>
/// <param name="Producer">The tool that wrote the file, with its version; empty where it does not say.</param>
public sealed record OnnxGraph(
    IReadOnlyList<OnnxGraphValue> Inputs,
    IReadOnlyList<OnnxGraphValue> Outputs,
    IReadOnlyList<string> DataFiles,
    bool IsDynamicallyQuantised,
    long Opset,
    string Producer)
{
    /// <summary>How many bytes of each data file the graph's weights reach; a shorter file is cut off.</summary>
    public IReadOnlyDictionary<string, long> DataBytes { get; init; } = new Dictionary<string, long>();
}

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type as ONNX names it (<c>int64</c>, <c>float</c>, <c>float16</c>); <c>unknown</c> where it is no tensor.</param>
/// <param name="Shape">A number or a symbolic name for each dimension; null where the file does not say.</param>
public sealed record OnnxGraphValue(string Name, string Type, IReadOnlyList<string>? Shape)
{
    /// <summary><c>logits [batch, 1]</c>.</summary>
    public override string ToString() => Shape is null ? Name : $"{Name} [{string.Join(", ", Shape)}]";
}
