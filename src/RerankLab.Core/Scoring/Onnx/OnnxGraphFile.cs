using System.Globalization;
using System.Text;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Reads what an ONNX file says of its graph, without loading it: walks it once and seeks over everything else, so that
/// gigabytes of weights are not read. Field numbers: onnx.proto of ONNX 1.17.
/// </summary>
sealed class OnnxGraphFile
{
    /// <summary>protobuf's own limit: what is nested deeper is refused by every reader.</summary>
    const int MaxDepth = 100;

    /// <summary>Bytes of a name; a longer one is no name.</summary>
    const int MaxName = 1 << 16;

    enum Message
    {
        Model, OperatorSet, Function, MainGraph, Subgraph, Input, Output, Type, TensorType, Shape, Dimension,
        Node, Attribute, SparseTensor, Weight, Tensor, ExternalData, Other,
    }

    /// <summary>TensorProto.DataType.</summary>
    static readonly string[] Types =
    [
        "unknown", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64",
        "complex64", "complex128", "bfloat16",
    ];

    /// <summary>Operators whose quantisation of activations looks at the whole batch, in ONNX and in com.microsoft.</summary>
    static readonly HashSet<string> DynamicQuantisation =
    [
        "DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulInteger", "MatMulIntegerToFloat", "ConvInteger",
    ];

    readonly ProtobufFile _file;
    readonly List<OnnxGraphValue> _inputs = [], _outputs = [];
    readonly List<string> _dataFiles = [];
    readonly Dictionary<string, long> _dataBytes = [];
    readonly HashSet<string> _weights = [];
    bool _hasGraph, _isDynamicallyQuantised;
    long _opset;
    string _producer = "", _producerVersion = "";

    // What the message under way has said so far.
    string _name = "", _type = Types[0], _key = "", _domain = "";
    string? _location;
    List<string>? _shape;
    long _version, _offset, _length;

    OnnxGraphFile(ProtobufFile file) => _file = file;

    /// <exception cref="InvalidDataException">The file is no ONNX file, or names a data file outside its folder.</exception>
    public static OnnxGraph Read(string path)
    {
        using var file = ProtobufFile.Open(path);
        var reader = new OnnxGraphFile(file);
        try
        {
            reader.Walk(file.Length, Message.Model, 0);
            if (!reader._hasGraph) throw new InvalidDataException("it has no graph");
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is not a whole ONNX file: {e.Message}");
        }
        foreach (var name in reader._dataFiles)
            if (Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
                throw new InvalidDataException($"{Path.GetFileName(path)} names a data file outside its folder: '{name}'");
        return reader.Graph();
    }

    OnnxGraph Graph() => new(
        // Files of before IR version 4 list their weights as inputs too.
        [.. _inputs.Where(i => !_weights.Contains(i.Name))],
        [.. _outputs],
        [.. _dataFiles.Distinct()],
        _isDynamicallyQuantised,
        _opset,
        $"{_producer} {_producerVersion}".Trim())
    {
        DataBytes = _dataBytes,
    };

    static Message Child(Message parent, int field) => (parent, field) switch
    {
        (Message.Model, 7) => Message.MainGraph,
        (Message.Model, 8) => Message.OperatorSet,
        (Message.Model, 25) => Message.Function,
        (Message.Attribute, 6 or 11) => Message.Subgraph,
        (Message.MainGraph or Message.Subgraph, 1) or (Message.Function, 7) => Message.Node,
        (Message.MainGraph, 5) => Message.Weight,
        (Message.Subgraph, 5) or (Message.Attribute, 5 or 10) or (Message.SparseTensor, 1 or 2) => Message.Tensor,
        (Message.MainGraph or Message.Subgraph, 15) => Message.SparseTensor,
        (Message.MainGraph, 11) => Message.Input,
        (Message.MainGraph, 12) => Message.Output,
        (Message.Input or Message.Output, 2) => Message.Type,
        (Message.Type, 1) => Message.TensorType,
        (Message.TensorType, 2) => Message.Shape,
        (Message.Shape, 1) => Message.Dimension,
        (Message.Node, 5) => Message.Attribute,
        (Message.Weight or Message.Tensor, 13) => Message.ExternalData,
        _ => Message.Other,
    };

    void Walk(long end, Message message, int depth)
    {
        if (depth > MaxDepth) throw new InvalidDataException($"it is nested deeper than {MaxDepth} messages");
        Begin(message);
        while (_file.Position < end)
        {
            var field = _file.Next(end);
            if (field.WireType == 0) Number(message, field.Number, (long)field.Value);
            else if (field.HasBytes && Child(message, field.Number) is var child and not Message.Other) Walk(field.End, child, depth + 1);
            else if (field.HasBytes && IsText(message, field.Number)) Text(message, field.Number, ReadString((long)field.Value));
            _file.Position = field.End;
        }
        End(message);
    }

    void Begin(Message message)
    {
        switch (message)
        {
            case Message.MainGraph: _hasGraph = true; break;
            case Message.Input or Message.Output: (_name, _type, _shape) = ("", Types[0], null); break;
            case Message.Shape: _shape = []; break;
            // A dimension that says nothing may have any size.
            case Message.Dimension: _shape!.Add("?"); break;
            case Message.OperatorSet: (_domain, _version) = ("", 0); break;
            case Message.Weight or Message.Tensor: (_location, _offset, _length) = (null, 0, 0); break;
            case Message.ExternalData: _key = ""; break;
        }
    }

    void End(Message message)
    {
        switch (message)
        {
            case Message.Input: _inputs.Add(new OnnxGraphValue(_name, _type, _shape)); break;
            case Message.Output: _outputs.Add(new OnnxGraphValue(_name, _type, _shape)); break;
            case Message.Weight or Message.Tensor when _location is not null:
                _dataBytes[_location] = Math.Max(_dataBytes.GetValueOrDefault(_location), _offset + _length);
                break;
            case Message.OperatorSet when _domain is "" or "ai.onnx": _opset = _version; break;
        }
    }

    void Number(Message message, int field, long value)
    {
        switch (message, field)
        {
            case (Message.TensorType, 1): _type = value >= 0 && value < Types.Length ? Types[value] : $"type {value}"; break;
            // Some exporters write -1 or 0 for a dimension of any size.
            case (Message.Dimension, 1) when value > 0: _shape![^1] = value.ToString(CultureInfo.InvariantCulture); break;
            case (Message.OperatorSet, 2): _version = value; break;
        }
    }

    static bool IsText(Message message, int field) => (message, field) is
        (Message.Model, 2 or 3) or (Message.OperatorSet, 1) or (Message.Node, 4) or (Message.Input or Message.Output, 1)
        or (Message.Dimension, 2) or (Message.Weight, 8) or (Message.ExternalData, 1 or 2);

    void Text(Message message, int field, string text)
    {
        switch (message, field)
        {
            case (Message.Model, 2): _producer = text; break;
            case (Message.Model, 3): _producerVersion = text; break;
            case (Message.OperatorSet, 1): _domain = text; break;
            case (Message.Node, 4): _isDynamicallyQuantised |= DynamicQuantisation.Contains(text); break;
            case (Message.Input or Message.Output, 1): _name = text; break;
            case (Message.Dimension, 2): _shape![^1] = text.Length > 0 ? text : "?"; break;
            case (Message.Weight, 8): _weights.Add(text); break;
            case (Message.ExternalData, 1): _key = text; break;
            case (Message.ExternalData, 2): ExternalData(text); break;
        }
    }

    void ExternalData(string value)
    {
        switch (_key)
        {
            case "location": _dataFiles.Add(_location = value); break;
            case "offset": _offset = Bytes(value); break;
            case "length": _length = Bytes(value); break;
        }

        // What makes no sense as a size is left to ONNX Runtime.
        static long Bytes(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes < 1L << 60 ? bytes : 0;
    }

    string ReadString(long length)
    {
        if (length > MaxName) throw new InvalidDataException("a name is too long");
        var bytes = new byte[length];
        _file.Read(_file.Position, bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
