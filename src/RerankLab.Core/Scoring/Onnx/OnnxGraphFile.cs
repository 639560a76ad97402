using System.Text;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Reads from an ONNX file, without loading it, the names of the external data files that hold its weights. Walks the
/// protobuf wire format and seeks over everything else, so that gigabytes of weights are not read. Field numbers: onnx.proto
/// of ONNX 1.17 (ModelProto.graph 7; GraphProto.node 1, initializer 5, sparse_initializer 15; NodeProto.attribute 5;
/// AttributeProto.t 5, g 6, tensors 10, graphs 11; SparseTensorProto.values 1, indices 2; TensorProto.external_data 13;
/// StringStringEntryProto.key 1, value 2).
/// </summary>
static class OnnxGraphFile
{
    enum Message { Model, Graph, Node, Attribute, SparseTensor, Tensor, ExternalData, Other }

    /// <summary>Distinct names, relative to the ONNX file, in the order met.</summary>
    /// <exception cref="InvalidDataException">The file is no ONNX file, or names a data file outside its folder.</exception>
    public static IReadOnlyList<string> ExternalDataFiles(string path)
    {
        using var file = new BufferedStream(File.OpenRead(path), 1 << 14);
        var names = new List<string>();
        try
        {
            Walk(file, file.Length, Message.Model, names);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is not a whole ONNX file: {e.Message}");
        }
        foreach (var name in names)
            if (Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
                throw new InvalidDataException($"{Path.GetFileName(path)} names a data file outside its folder: '{name}'");
        return [.. names.Distinct()];
    }

    static Message Child(Message parent, int field) => (parent, field) switch
    {
        (Message.Model, 7) or (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) or (Message.Attribute, 5 or 10) or (Message.SparseTensor, 1 or 2) => Message.Tensor,
        (Message.Graph, 15) => Message.SparseTensor,
        (Message.Node, 5) => Message.Attribute,
        (Message.Tensor, 13) => Message.ExternalData,
        _ => Message.Other,
    };

    static void Walk(Stream file, long end, Message message, List<string> names)
    {
        string? key = null;
        while (file.Position < end)
        {
            ulong tag = ReadVarint(file);
            var (field, wireType) = ((int)(tag >> 3), tag & 7);
            switch (wireType)
            {
                case 0: ReadVarint(file); break;
                case 1: Skip(file, 8, end); break;
                case 5: Skip(file, 4, end); break;
                case 2:
                    ulong declared = ReadVarint(file);
                    if (file.Position > end || declared > (ulong)(end - file.Position))
                        throw new InvalidDataException("a field reaches beyond its end");
                    long length = (long)declared, next = file.Position + length;
                    if (message == Message.ExternalData && field == 1) key = ReadString(file, length);
                    else if (message == Message.ExternalData && field == 2 && key == "location") names.Add(ReadString(file, length));
                    else if (Child(message, field) is var child and not Message.Other) Walk(file, next, child, names);
                    file.Position = next;
                    break;
                default: throw new InvalidDataException($"unknown wire type {wireType}");
            }
        }
    }

    static void Skip(Stream file, int bytes, long end) =>
        file.Position = file.Position + bytes <= end ? file.Position + bytes : throw new EndOfStreamException("the file is cut off");

    static string ReadString(Stream file, long length)
    {
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    static ulong ReadVarint(Stream file)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int b = file.ReadByte();
            if (b < 0) throw new EndOfStreamException("the file is cut off");
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new InvalidDataException("a number is too long");
    }
}
