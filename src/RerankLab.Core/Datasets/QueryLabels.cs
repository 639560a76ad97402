using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>One query's labels by document id, in the order of the file.</summary>
/// <param name="capacity">How many there is room for before it is made larger.</param>
/// <param name="utf8Capacity">And how many bytes of their documents' ids.</param>
sealed class QueryLabels(int capacity = 1, int utf8Capacity = 16) : IReadOnlyDictionary<string, int>
{
    const int LongId = 256;

    readonly IdIndex _documents = new(capacity, utf8Capacity);
    int[] _labels = new int[capacity];

    public int Count => _documents.Count;

    public IEnumerable<string> Keys => Enumerable.Range(0, Count).Select(Document);

    public IEnumerable<int> Values => _labels.Take(Count);

    public int this[string document] =>
        TryGetValue(document, out int label) ? label : throw new KeyNotFoundException($"'{document}' is unjudged");

    /// <summary>Adds a label; false when the document has one.</summary>
    public bool Add(ReadOnlySpan<byte> document, int label)
    {
        if (!_documents.Add(document, out int number)) return false;
        Keep(number, label);
        return true;
    }

    /// <summary>Adds the label of a document that has none: it is not looked for.</summary>
    public void Append(ReadOnlySpan<byte> document, int label) => Keep(_documents.Append(document), label);

    /// <summary>Gives up the room for more labels; a further one makes new room.</summary>
    public void Trim()
    {
        _documents.Trim();
        Array.Resize(ref _labels, Count);
    }

    /// <summary>The document and the label of a number from 0, in the order of the file.</summary>
    public (ReadOnlyMemory<byte> Document, int Label) At(int number) => (_documents[number], _labels[number]);

    /// <summary>The number of a document's label; -1 where it has none.</summary>
    public int Find(ReadOnlySpan<byte> document) => _documents.Find(document);

    public bool ContainsKey(string document) => TryGetValue(document, out _);

    public bool TryGetValue(string document, [MaybeNullWhen(false)] out int label)
    {
        Span<byte> utf8 = document.Length * 3 <= LongId ? stackalloc byte[LongId] : new byte[document.Length * 3];
        int number = Find(utf8[..Encoding.UTF8.GetBytes(document, utf8)]);
        label = number < 0 ? 0 : _labels[number];
        return number >= 0;
    }

    public IEnumerator<KeyValuePair<string, int>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return KeyValuePair.Create(Document(i), _labels[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void Keep(int number, int label)
    {
        if (number == _labels.Length) Array.Resize(ref _labels, number + number / 2 + 1);
        _labels[number] = label;
    }

    string Document(int number) => Encoding.UTF8.GetString(_documents[number].Span);
}
