using global::Onnx;
using Google.Protobuf;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>An ONNX file whose graph is at hand, to be changed, and whose weights stay on disk until it is written anew.</summary>
/// <remarks>The fields of a message may stand in any order and in several pieces, of which protobuf makes one.</remarks>
sealed class OnnxModelFile
{
    /// <summary>Bytes. Of a weight its name and shape are read, and its values where they are few: shapes are made of those.</summary>
    const int MaxField = 1024;

    readonly string _path;
    readonly List<ProtobufFile.Field> _weights = [];

    OnnxModelFile(string path) => _path = path;

    /// <summary>The model without its weights.</summary>
    public ModelProto Model { get; private set; } = new();

    /// <summary>The weights, those of more than some bytes without their values.</summary>
    public List<TensorProto> Weights { get; } = [];

    /// <exception cref="InvalidDataException">The file is no ONNX file.</exception>
    public static OnnxModelFile Read(string path)
    {
        var model = new OnnxModelFile(path);
        using var file = ProtobufFile.Open(path);
        var graph = new MemoryStream();
        try
        {
            byte[] rest = Fields(file, file.Length, field =>
            {
                if (field.Number != ModelProto.GraphFieldNumber) return true;
                graph.Write(Fields(file, field.End, inner => inner.Number != GraphProto.InitializerFieldNumber || model.Add(file, inner)));
                return false;
            });
            model.Model = ModelProto.Parser.ParseFrom(rest);
            model.Model.Graph = GraphProto.Parser.ParseFrom(graph.ToArray());
            return model;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or EndOfStreamException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is not a whole ONNX file: {e.Message}", e);
        }
    }

    /// <summary>Weights are left out of what is read.</summary>
    bool Add(ProtobufFile file, ProtobufFile.Field weight)
    {
        _weights.Add(weight);
        Weights.Add(TensorProto.Parser.ParseFrom(Fields(file, weight.End, field => field.End - field.Start <= MaxField)));
        return false;
    }

    /// <summary>Those fields of the message that ends at <paramref name="end"/> that <paramref name="keep"/> names.</summary>
    static byte[] Fields(ProtobufFile file, long end, Func<ProtobufFile.Field, bool> keep)
    {
        var kept = new MemoryStream();
        while (file.Position < end)
        {
            var field = file.Next(end);
            if (keep(field))
            {
                var bytes = new byte[field.End - field.Start];
                file.Read(field.Start, bytes);
                kept.Write(bytes);
            }
            file.Position = field.End;
        }
        return kept.ToArray();
    }

    /// <summary>The model as it is now, its weights read from the file.</summary>
    public byte[] Write()
    {
        byte[] model = Model.ToByteArray();
        // One more piece of the graph, of weights alone.
        int length = checked((int)_weights.Sum(w => w.End - w.Start));
        var head = new byte[CodedOutputStream.ComputeTagSize(ModelProto.GraphFieldNumber) + CodedOutputStream.ComputeLengthSize(length)];
        var output = new CodedOutputStream(head);
        output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteLength(length);
        var whole = new byte[model.Length + head.Length + length];
        model.CopyTo(whole, 0);
        head.CopyTo(whole, model.Length);
        int at = model.Length + head.Length;
        using var file = ProtobufFile.Open(_path);
        foreach (var weight in _weights)
        {
            var part = whole.AsSpan(at, (int)(weight.End - weight.Start));
            file.Read(weight.Start, part);
            at += part.Length;
        }
        return whole;
    }
}
