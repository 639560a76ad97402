namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Walks the fields of the messages in a protobuf file, without reading what is in them. Wire format:
/// protobuf.dev/programming-guides/encoding.
/// </summary>
sealed class ProtobufFile(Stream file) : IDisposable
{
    /// <summary>A field, or one element of a repeated field.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="WireType">0: a number, 1: eight bytes, 2: bytes, a text or a message, 5: four bytes.</param>
    /// <param name="Start">Where its tag begins.</param>
    /// <param name="End">Where the next field begins.</param>
    /// <param name="Value">The number; the length where there are bytes.</param>
    public readonly record struct Field(int Number, int WireType, long Start, long End, ulong Value)
    {
        public bool HasBytes => WireType == 2;
    }

    public static ProtobufFile Open(string path) => new(new BufferedStream(File.OpenRead(path), 1 << 14));

    public long Length => file.Length;

    public long Position { get => file.Position; set => file.Position = value; }

    public void Dispose() => file.Dispose();

    /// <summary>Reads the next field of a message that ends at <paramref name="end"/>, up to its bytes if it has any.</summary>
    /// <exception cref="InvalidDataException">This is no protobuf message.</exception>
    /// <exception cref="EndOfStreamException">The file is cut off.</exception>
    public Field Next(long end)
    {
        long start = file.Position;
        ulong tag = ReadVarint();
        int wireType = (int)(tag & 7);
        ulong value = wireType is 0 or 2 ? ReadVarint() : 0;
        ulong bytes = wireType switch
        {
            0 => 0,
            1 => 8,
            2 => value,
            5 => 4,
            _ => throw new InvalidDataException($"unknown wire type {wireType}"),
        };
        if (file.Position > end || bytes > (ulong)(end - file.Position)) throw new InvalidDataException("a field reaches beyond its end");
        return new Field((int)(tag >> 3), wireType, start, file.Position + (long)bytes, value);
    }

    /// <summary>Fills <paramref name="bytes"/> from the place given.</summary>
    /// <exception cref="EndOfStreamException">The file is cut off.</exception>
    public void Read(long from, Span<byte> bytes)
    {
        file.Position = from;
        file.ReadExactly(bytes);
    }

    ulong ReadVarint()
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
