using System.Buffers.Binary;

namespace RerankLab.Demo;

/// <summary>Element types of ONNX tensors, with the numbers of onnx.proto's TensorProto.DataType.</summary>
public enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Double = 11,
}

/// <summary>One dimension of a graph input or output: a number or a symbolic name.</summary>
public readonly record struct OnnxDim
{
    /// <summary>The fixed size; null when the dimension is symbolic.</summary>
    public long? Size { get; private init; }

    /// <summary>The symbolic name; null when the dimension is fixed.</summary>
    public string? Name { get; private init; }

    public static implicit operator OnnxDim(long size) => new() { Size = size };

    public static implicit operator OnnxDim(string name) => new() { Name = name };
}

/// <summary>A named attribute of a node.</summary>
public sealed class OnnxAttribute
{
    readonly ProtoMessage message = new();

    OnnxAttribute(string name, int type)
    {
        message.Text(1, name);
        message.Int(20, type);
    }

    /// <summary>An integer attribute, such as <c>axis</c>.</summary>
    public static OnnxAttribute Int(string name, long value) => With(name, 2, m => m.Int(3, value));

    /// <summary>A float attribute, such as <c>epsilon</c>.</summary>
    public static OnnxAttribute Float(string name, float value) => With(name, 1, m => m.Float(2, value));

    /// <summary>A string attribute, such as <c>mode</c>.</summary>
    public static OnnxAttribute Text(string name, string value) => With(name, 3, m => m.Text(4, value));

    /// <summary>An attribute holding a list of integers, such as <c>axes</c>.</summary>
    public static OnnxAttribute Ints(string name, params long[] values) => With(name, 7, m =>
    {
        foreach (var value in values)
            m.Int(8, value);
    });

    internal byte[] ToBytes() => message.ToBytes();

    static OnnxAttribute With(string name, int type, Action<ProtoMessage> value)
    {
        var attribute = new OnnxAttribute(name, type);
        value(attribute.message);
        return attribute;
    }
}

/// <summary>
/// Builds an ONNX model file node by node. It checks nothing: a graph that ONNX Runtime must refuse can be written
/// as well. The same calls give the same bytes.
/// </summary>
public sealed class OnnxModelWriter
{
    readonly ProtoMessage nodes = new();
    readonly ProtoMessage initializers = new();
    readonly ProtoMessage inputs = new();
    readonly ProtoMessage outputs = new();
    readonly ProtoMessage metadata = new();

    /// <summary>The name of the graph.</summary>
    public string GraphName { get; init; } = "graph";

    /// <summary>The producer named in the file.</summary>
    public string ProducerName { get; init; } = "RerankLab.Demo";

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>The version of the standard operator set.</summary>
    public long OpsetVersion { get; init; } = 17;

    /// <summary>Declares a graph input; no dimensions mean a scalar.</summary>
    public OnnxModelWriter Input(string name, OnnxType type, params OnnxDim[] shape)
    {
        inputs.Message(11, ValueInfo(name, type, shape));
        return this;
    }

    /// <summary>Declares a graph output; no dimensions mean a scalar.</summary>
    public OnnxModelWriter Output(string name, OnnxType type, params OnnxDim[] shape)
    {
        outputs.Message(12, ValueInfo(name, type, shape));
        return this;
    }

    /// <summary>Adds a node with one output and gives back the name of this output.</summary>
    public string Node(string op, string output, string[] from, params OnnxAttribute[] attributes)
    {
        Node(op, [output], from, attributes);
        return output;
    }

    /// <summary>Adds a node; an empty name stands for an optional input or output that is left out.</summary>
    public void Node(string op, string[] to, string[] from, params OnnxAttribute[] attributes)
    {
        var node = new ProtoMessage();
        foreach (var name in from)
            node.Text(1, name);
        foreach (var name in to)
            node.Text(2, name);
        node.Text(3, "make_" + to.FirstOrDefault());
        node.Text(4, op);
        foreach (var attribute in attributes)
            node.Bytes(5, attribute.ToBytes());
        nodes.Message(1, node);
    }

    /// <summary>Adds float constants; give the shape as <paramref name="dims"/>, an empty one for a scalar.</summary>
    public string Initializer(string name, long[] dims, float[] values) =>
        Initializer(name, OnnxType.Float, dims, Raw(values, 4, BinaryPrimitives.WriteSingleLittleEndian));

    /// <summary>Adds int64 constants.</summary>
    public string Initializer(string name, long[] dims, long[] values) =>
        Initializer(name, OnnxType.Int64, dims, Raw(values, 8, BinaryPrimitives.WriteInt64LittleEndian));

    /// <summary>Adds int32 constants.</summary>
    public string Initializer(string name, long[] dims, int[] values) =>
        Initializer(name, OnnxType.Int32, dims, Raw(values, 4, BinaryPrimitives.WriteInt32LittleEndian));

    /// <summary>Adds float16 constants.</summary>
    public string Initializer(string name, long[] dims, Half[] values) =>
        Initializer(name, OnnxType.Float16, dims, Raw(values, 2, BinaryPrimitives.WriteHalfLittleEndian));

    /// <summary>Adds constants of any type from their little-endian bytes and gives back the name.</summary>
    public string Initializer(string name, OnnxType type, long[] dims, byte[] raw)
    {
        var tensor = Tensor(name, type, dims);
        tensor.Bytes(9, raw);
        initializers.Message(5, tensor);
        return name;
    }

    /// <summary>
    /// Adds constants whose little-endian bytes lie in another file, <paramref name="location"/> beside the model.
    /// That file is the caller's to write.
    /// </summary>
    public string External(string name, OnnxType type, long[] dims, string location, long offset, long length)
    {
        var tensor = Tensor(name, type, dims);
        tensor.Message(13, Entry("location", location));
        tensor.Message(13, Entry("offset", offset.ToString()));
        tensor.Message(13, Entry("length", length.ToString()));
        tensor.Int(14, 1);
        initializers.Message(5, tensor);
        return name;
    }

    /// <summary>Adds a key and value to the metadata of the model.</summary>
    public OnnxModelWriter Metadata(string key, string value)
    {
        metadata.Message(14, Entry(key, value));
        return this;
    }

    /// <summary>The model file as bytes.</summary>
    public byte[] ToBytes()
    {
        var graph = new ProtoMessage();
        graph.Append(nodes);
        graph.Text(2, GraphName);
        graph.Append(initializers);
        graph.Append(inputs);
        graph.Append(outputs);

        var opset = new ProtoMessage();
        opset.Text(1, "");
        opset.Int(2, OpsetVersion);

        var model = new ProtoMessage();
        model.Int(1, IrVersion);
        model.Text(2, ProducerName);
        model.Message(7, graph);
        model.Message(8, opset);
        model.Append(metadata);
        return model.ToBytes();
    }

    /// <summary>Writes the model file, and its folder where that is missing.</summary>
    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(path, ToBytes());
    }

    delegate void WriteValue<T>(Span<byte> target, T value);

    static byte[] Raw<T>(T[] values, int size, WriteValue<T> write)
    {
        var raw = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
            write(raw.AsSpan(i * size), values[i]);
        return raw;
    }

    static ProtoMessage Tensor(string name, OnnxType type, long[] dims)
    {
        var tensor = new ProtoMessage();
        foreach (var dim in dims)
            tensor.Int(1, dim);
        tensor.Int(2, (int)type);
        tensor.Text(8, name);
        return tensor;
    }

    static ProtoMessage ValueInfo(string name, OnnxType type, OnnxDim[] shape)
    {
        var dims = new ProtoMessage();
        foreach (var size in shape)
        {
            var dim = new ProtoMessage();
            if (size.Size is { } number)
                dim.Int(1, number);
            else
                dim.Text(2, size.Name ?? "");
            dims.Message(1, dim);
        }
        var tensorType = new ProtoMessage();
        tensorType.Int(1, (int)type);
        tensorType.Message(2, dims);
        var valueType = new ProtoMessage();
        valueType.Message(1, tensorType);
        var info = new ProtoMessage();
        info.Text(1, name);
        info.Message(2, valueType);
        return info;
    }

    static ProtoMessage Entry(string key, string value)
    {
        var entry = new ProtoMessage();
        entry.Text(1, key);
        entry.Text(2, value);
        return entry;
    }
}
