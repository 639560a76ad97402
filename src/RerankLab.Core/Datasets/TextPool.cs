using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>
/// The texts of a dataset as UTF-8 bytes, each addressed by the number that adding it gave. A text that stands byte for byte in a plain
/// file stays there and is read when it is asked for (docs/adr/0016); others are kept: some in memory, the rest in a temporary file.
/// Texts are added by one thread; then any number may read them.
/// </summary>
/// <param name="inMemory">Bytes of kept texts that are held in memory; the rest go to the temporary file.</param>
public sealed class TextPool(long inMemory = TextPool.DefaultInMemory) : IDisposable
{
    /// <summary>The number of a text that is not at hand.</summary>
    public const int Absent = -1;

    /// <summary>As much as 100,000 passages.</summary>
    public const long DefaultInMemory = 32 << 20;

    const int ChunkSize = 1 << 20, PlacesAChunk = 1 << 16;

    /// <summary>Texts that are read together are read at once as long as no more than so many bytes lie between them.</summary>
    const int GapWorthReading = 4096;

    /// <summary>Where a text is: in which source, where in it, and how long it is.</summary>
    readonly record struct Place(int Source, long Offset, int Length);

    /// <summary>Sources: memory, the temporary file, and from here on the user's files.</summary>
    const int Memory = 0, Spool = 1, FirstFile = 2;

    // There is a place for every text, so almost all of them are packed into 64 bits; the number of one that does not fit stands instead.
    const int OffsetBits = 40, LengthBits = 20, Unpacked = 15;

    readonly List<ulong[]> _places = [];
    readonly List<Place> _unpacked = [];
    readonly List<byte[]> _chunks = [];
    readonly List<TextFile> _files = [];
    TextSpool? _spool;
    int _count, _free;
    long _held;

    /// <summary>How many texts were added.</summary>
    public int Count => _count;

    /// <summary>Adds a text that is kept.</summary>
    /// <exception cref="UserError">There is no room for it in the folder for temporary files.</exception>
    public int Add(ReadOnlySpan<byte> utf8)
    {
        if (_held + utf8.Length > inMemory) return Add(new Place(Spool, (_spool ??= new TextSpool()).Add(utf8), utf8.Length));
        if (_chunks.Count == 0 || _free >= ChunkSize || _chunks[^1].Length - _free < utf8.Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkSize, utf8.Length)]);
            _free = 0;
        }
        utf8.CopyTo(_chunks[^1].AsSpan(_free));
        int number = Add(new Place(Memory, (_chunks.Count - 1L) * ChunkSize + _free, utf8.Length));
        _free += utf8.Length;
        _held += utf8.Length;
        return number;
    }

    /// <summary>Adds a text of a line: by its place where it can be read there again.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">What <see cref="SourceOf"/> gave for the file.</param>
    /// <exception cref="UserError">There is no room for it in the folder for temporary files.</exception>
    internal int Add(in LineText text, int? source) => source is { } file && text.Position is { } position
        ? Add(new Place(file, position, text.Utf8.Length))
        : Add(text.Utf8.Span);

    /// <summary>Takes a file over from its reader, to read texts from where they lie; null for one that is compressed or no file.</summary>
    internal int? SourceOf(Utf8Lines lines)
    {
        if (lines.HandOver() is not { } handle) return null;
        _files.Add(new TextFile(handle, lines.ShownName));
        return FirstFile + _files.Count - 1;
    }

    /// <summary>A text's length in bytes; 0 for one that is not at hand.</summary>
    public int Length(int text) => text == Absent ? 0 : At(text).Length;

    /// <summary>A text's bytes; none for one that is not at hand.</summary>
    /// <exception cref="UserError">Its file cannot be read any more.</exception>
    public ReadOnlySpan<byte> Utf8(int text)
    {
        if (text == Absent) return [];
        var place = At(text);
        if (place.Source == Memory) return InMemory(place).Span;
        var bytes = new byte[place.Length];
        ReadFrom(place.Source, place.Offset, bytes);
        return bytes;
    }

    /// <exception cref="UserError">Its file cannot be read any more.</exception>
    public string this[int text] => Encoding.UTF8.GetString(Utf8(text));

    /// <summary>Reads texts together: those that lie close to each other with one access.</summary>
    /// <param name="texts">Their numbers.</param>
    /// <param name="into">Receives them in this order.</param>
    /// <exception cref="UserError">A file cannot be read any more.</exception>
    public void Read(ReadOnlySpan<int> texts, TextBlock into)
    {
        into.Clear(texts.Length);
        int inFiles = 0;
        for (int i = 0; i < texts.Length; i++)
        {
            if (texts[i] == Absent) continue;
            var place = At(texts[i]);
            if (place.Source == Memory) into.Set(i, InMemory(place));
            else into.ToRead[inFiles++] = (place.Source, place.Offset, i);
        }
        var toRead = into.ToRead.AsSpan(0, inFiles);
        if (!IsInOrder(toRead)) toRead.Sort();
        for (int first = 0, end; first < toRead.Length; first = end)
        {
            var start = At(texts[toRead[first].Index]);
            long upTo = start.Offset + start.Length;
            for (end = first + 1; end < toRead.Length; end++)
            {
                var next = At(texts[toRead[end].Index]);
                if (next.Source != start.Source || next.Offset - upTo > GapWorthReading) break;
                upTo = Math.Max(upTo, next.Offset + next.Length);
            }
            var stretch = into.Room((int)(upTo - start.Offset));
            ReadFrom(start.Source, start.Offset, stretch.Span);
            foreach (var (_, _, index) in toRead[first..end])
            {
                var place = At(texts[index]);
                into.Set(index, stretch.Slice((int)(place.Offset - start.Offset), place.Length));
            }
        }
    }

    /// <summary>Closes the files; the temporary one is gone with that.</summary>
    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
        _spool?.Dispose();
    }

    int Add(Place place)
    {
        if (_count % PlacesAChunk == 0) _places.Add(new ulong[PlacesAChunk]);
        var (source, offset, length) = place;
        if (source >= Unpacked || offset >= 1L << OffsetBits || length >= 1 << LengthBits)
        {
            (source, offset, length) = (Unpacked, _unpacked.Count, 0);
            _unpacked.Add(place);
        }
        _places[^1][_count % PlacesAChunk] = ((ulong)source << OffsetBits | (ulong)offset) << LengthBits | (uint)length;
        return _count++;
    }

    Place At(int text)
    {
        ulong packed = _places[text / PlacesAChunk][text % PlacesAChunk];
        int source = (int)(packed >> (OffsetBits + LengthBits));
        long offset = (long)(packed >> LengthBits & ((1UL << OffsetBits) - 1));
        return source == Unpacked ? _unpacked[(int)offset] : new Place(source, offset, (int)(packed & ((1 << LengthBits) - 1)));
    }

    /// <summary>A text that is longer than a chunk has one for itself.</summary>
    ReadOnlyMemory<byte> InMemory(Place place) =>
        _chunks[(int)(place.Offset / ChunkSize)].AsMemory((int)(place.Offset % ChunkSize), place.Length);

    static bool IsInOrder(ReadOnlySpan<(int Source, long Offset, int Index)> toRead)
    {
        for (int i = 1; i < toRead.Length; i++)
            if ((toRead[i].Source, toRead[i].Offset).CompareTo((toRead[i - 1].Source, toRead[i - 1].Offset)) < 0) return false;
        return true;
    }

    void ReadFrom(int source, long offset, Span<byte> into)
    {
        if (source == Spool) _spool!.Read(offset, into);
        else _files[source - FirstFile].Read(offset, into);
    }
}
