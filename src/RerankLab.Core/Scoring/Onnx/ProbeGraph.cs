namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// The smallest graph that shows whether a provider computes: <c>y = x · x</c>, a product of two 2 x 2 matrices of float.
/// </summary>
static class ProbeGraph
{
    public const string Input = "x", Output = "y";

    /// <summary>The ONNX file. Field numbers: onnx.proto of ONNX 1.17.</summary>
    public static byte[] Bytes
    {
        get
        {
            byte[] node = [.. Text(1, Input), .. Text(1, Input), .. Text(2, Output), .. Text(4, "MatMul")];
            byte[] graph = [.. Field(1, node), .. Text(2, "probe"), .. Field(11, Value(Input)), .. Field(12, Value(Output))];
            byte[] opset = [.. Text(1, ""), .. Number(2, 17)];
            return [.. Number(1, 8), .. Field(7, graph), .. Field(8, opset)];
        }
    }

    static byte[] Value(string name)
    {
        const int floatType = 1;
        byte[] two = Number(1, 2), shape = [.. Field(1, two), .. Field(1, two)], tensor = [.. Number(1, floatType), .. Field(2, shape)];
        return [.. Text(1, name), .. Field(2, Field(1, tensor))];
    }

    static byte[] Text(int field, string text) => Field(field, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>A field of bytes; everything here is shorter than 128, so that a length is one byte.</summary>
    static byte[] Field(int field, byte[] content) => [(byte)(field << 3 | 2), checked((byte)content.Length), .. content];

    static byte[] Number(int field, byte value) => [(byte)(field << 3), value];
}
