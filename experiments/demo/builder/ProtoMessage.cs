using Google.Protobuf;

namespace RerankLab.Demo;

/// <summary>A protobuf message written field by field, in the order of the calls.</summary>
sealed class ProtoMessage
{
    readonly MemoryStream bytes = new();
    readonly CodedOutputStream stream;

    public ProtoMessage() => stream = new CodedOutputStream(bytes, leaveOpen: true);

    public void Int(int field, long value)
    {
        stream.WriteTag(field, WireFormat.WireType.Varint);
        stream.WriteInt64(value);
    }

    public void Float(int field, float value)
    {
        stream.WriteTag(field, WireFormat.WireType.Fixed32);
        stream.WriteFloat(value);
    }

    public void Text(int field, string value)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteString(value);
    }

    public void Bytes(int field, byte[] value)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteBytes(ByteString.CopyFrom(value));
    }

    public void Message(int field, ProtoMessage value) => Bytes(field, value.ToBytes());

    /// <summary>Takes over the fields of another message of the same type.</summary>
    public void Append(ProtoMessage other)
    {
        stream.Flush();
        bytes.Write(other.ToBytes());
    }

    public byte[] ToBytes()
    {
        stream.Flush();
        return bytes.ToArray();
    }
}
