using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>The texts of a dataset as UTF-8 bytes, each addressed by the number that <see cref="Add"/> gave it.</summary>
public sealed class TextPool
{
    /// <summary>The number of a text that is not at hand.</summary>
    public const int Absent = -1;

    const int ChunkSize = 1 << 20;

    readonly List<byte[]> _chunks = [];
    readonly List<(int Chunk, int Offset, int Length)> _places = [];
    int _free;

    public int Add(ReadOnlySpan<byte> utf8)
    {
        if (_chunks.Count == 0 || _chunks[^1].Length - _free < utf8.Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkSize, utf8.Length)]);
            _free = 0;
        }
        utf8.CopyTo(_chunks[^1].AsSpan(_free));
        _places.Add((_chunks.Count - 1, _free, utf8.Length));
        _free += utf8.Length;
        return _places.Count - 1;
    }

    /// <summary>Empty for a text that is not at hand.</summary>
    public ReadOnlySpan<byte> Utf8(int text)
    {
        if (text == Absent) return [];
        var (chunk, offset, length) = _places[text];
        return _chunks[chunk].AsSpan(offset, length);
    }

    public string this[int text] => Encoding.UTF8.GetString(Utf8(text));
}
