using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>Relevance judgements: integer labels by query and document. A document that is absent is unjudged.</summary>
public sealed class Qrels
{
    readonly Dictionary<string, Labels> _byQuery = [];
    readonly List<string> _queries = [];
    (string? Query, Labels? Labels) _latest;

    /// <summary>The judged queries in the order of the file.</summary>
    public IReadOnlyList<string> Queries => _queries;

    public bool IsEmpty => _queries.Count == 0;

    /// <summary>Adds a judgement; false when this document was judged for this query before.</summary>
    public bool Add(string query, string document, int label) => Add(query, Encoding.UTF8.GetBytes(document), label);

    /// <inheritdoc cref="Add(string, string, int)"/>
    public bool Add(string query, ReadOnlySpan<byte> document, int label)
    {
        if (query != _latest.Query)
        {
            // Judgements of one query mostly stand together: it is done.
            _latest.Labels?.Trim();
            _latest = (query, _byQuery.TryGetValue(query, out var labels) ? labels : Add(query, new Labels()));
        }
        return _latest.Labels!.Add(document, label);
    }

    /// <summary>Adds a query with all of its judgements, of one document each.</summary>
    internal void Add(string query, IReadOnlyCollection<(ReadOnlyMemory<byte> Document, int Label)> judgements)
    {
        var labels = Add(query, new Labels(judgements.Count, judgements.Sum(j => j.Document.Length)));
        foreach (var (document, label) in judgements) labels.Add(document.Span, label);
    }

    /// <summary>Labels by document id, in the order of the file; null for a query without judgements.</summary>
    public IReadOnlyDictionary<string, int>? Of(string query) => _byQuery.GetValueOrDefault(query);

    Labels Add(string query, Labels labels)
    {
        _byQuery.Add(query, labels);
        _queries.Add(query);
        return labels;
    }

    /// <summary>One query's labels. Packed: every candidate may have one.</summary>
    sealed class Labels(int capacity = 1, int utf8Capacity = 16) : IReadOnlyDictionary<string, int>
    {
        const int LongId = 256;

        readonly IdIndex _documents = new(capacity, utf8Capacity);
        int[] _labels = new int[capacity];

        public int Count => _documents.Count;

        public IEnumerable<string> Keys => Enumerable.Range(0, Count).Select(Document);

        public IEnumerable<int> Values => _labels.Take(Count);

        public int this[string document] =>
            TryGetValue(document, out int label) ? label : throw new KeyNotFoundException($"'{document}' is unjudged");

        public bool Add(ReadOnlySpan<byte> document, int label)
        {
            if (!_documents.Add(document, out int number)) return false;
            if (number == _labels.Length) Array.Resize(ref _labels, number + number / 2 + 1);
            _labels[number] = label;
            return true;
        }

        public void Trim()
        {
            _documents.Trim();
            Array.Resize(ref _labels, Count);
        }

        public bool ContainsKey(string document) => TryGetValue(document, out _);

        public bool TryGetValue(string document, [MaybeNullWhen(false)] out int label)
        {
            Span<byte> utf8 = document.Length * 3 <= LongId ? stackalloc byte[LongId] : new byte[document.Length * 3];
            int number = _documents.Find(utf8[..Encoding.UTF8.GetBytes(document, utf8)]);
            label = number < 0 ? 0 : _labels[number];
            return number >= 0;
        }

        public IEnumerator<KeyValuePair<string, int>> GetEnumerator()
        {
            for (int i = 0; i < Count; i++) yield return KeyValuePair.Create(Document(i), _labels[i]);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        string Document(int number) => Encoding.UTF8.GetString(_documents[number].Span);
    }
}
