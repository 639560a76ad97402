using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Document ids, packed: their UTF-8 bytes one after another, since as strings they would be most of what a run of millions of
/// candidates holds. An id is made a string each time it is asked for.
/// </summary>
/// <param name="utf8">The bytes of all ids, joined.</param>
/// <param name="ends">Where each id ends in them; its length is the number of ids.</param>
[CollectionBuilder(typeof(DocumentIds), nameof(Create))]
public sealed class DocumentIds(byte[] utf8, ReadOnlySpan<int> ends) : IReadOnlyList<string>
{
    /// <summary>Mostly all ids of a query are shorter than 64 KB together, and an end takes two bytes; else the other array has them.</summary>
    readonly ushort[]? _shortEnds = utf8.Length <= ushort.MaxValue ? Shortened(ends) : null;
    readonly int[]? _ends = utf8.Length <= ushort.MaxValue ? null : ends.ToArray();

    public int Length => _shortEnds?.Length ?? _ends!.Length;

    /// <summary>Bytes of all ids.</summary>
    public int Utf8Length => StartOf(Length);

    int IReadOnlyCollection<string>.Count => Length;

    public string this[int index] => Encoding.UTF8.GetString(Utf8(index));

    public static DocumentIds Create(ReadOnlySpan<string> ids)
    {
        int length = 0;
        foreach (var id in ids) length += Encoding.UTF8.GetByteCount(id);
        var (utf8, ends) = (new byte[length], new int[ids.Length]);
        for (int i = 0, end = 0; i < ids.Length; i++) ends[i] = end += Encoding.UTF8.GetBytes(ids[i], utf8.AsSpan(end));
        return new DocumentIds(utf8, ends);
    }

    /// <summary>An id's bytes: what ties are decided by.</summary>
    public ReadOnlySpan<byte> Utf8(int index)
    {
        int start = StartOf(index);
        return utf8.AsSpan(start, StartOf(index + 1) - start);
    }

    /// <summary>Where an id stands; -1 where it does not.</summary>
    public int IndexOf(string id)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        for (int i = 0; i < Length; i++)
            if (Utf8(i).SequenceEqual(bytes)) return i;
        return -1;
    }

    /// <summary>At most so many of them, the first.</summary>
    public DocumentIds First(int count) =>
        count >= Length ? this : new DocumentIds(utf8, [.. Enumerable.Range(1, count).Select(StartOf)]);

    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < Length; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int StartOf(int index) => index == 0 ? 0 : _shortEnds is not null ? _shortEnds[index - 1] : _ends![index - 1];

    static ushort[] Shortened(ReadOnlySpan<int> ends)
    {
        var shortened = new ushort[ends.Length];
        for (int i = 0; i < ends.Length; i++) shortened[i] = (ushort)ends[i];
        return shortened;
    }
}
