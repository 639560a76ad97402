namespace RerankLab.Core.Datasets;

/// <summary>Texts that were read together. One thread uses it again and again: what it gives is good until the next reading.</summary>
public sealed class TextBlock
{
    ReadOnlyMemory<byte>[] _texts = [];
    byte[] _buffer = [];
    int _used;

    /// <summary>A text's bytes, in the order in which they were asked for.</summary>
    public ReadOnlySpan<byte> this[int index] => _texts[index].Span;

    /// <summary>Scratch for what is to be read from files: where it lies, and which of the texts it is.</summary>
    internal (int Source, long Offset, int Index)[] ToRead { get; private set; } = [];

    internal void Clear(int count)
    {
        if (_texts.Length < count) (_texts, ToRead) = (new ReadOnlyMemory<byte>[count], new (int, long, int)[count]);
        Array.Clear(_texts);
        _used = 0;
    }

    internal void Set(int index, ReadOnlyMemory<byte> text) => _texts[index] = text;

    /// <summary>Room that stays as it is until the next reading.</summary>
    internal Memory<byte> Room(int length)
    {
        if (_buffer.Length - _used < length) (_buffer, _used) = (new byte[Math.Max(length, _buffer.Length * 2)], 0);
        return _buffer.AsMemory((_used += length) - length, length);
    }
}
