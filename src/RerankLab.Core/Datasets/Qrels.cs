using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>Relevance judgements: integer labels by query and document. A document that is absent is unjudged.</summary>
public sealed class Qrels
{
    readonly Dictionary<string, QueryLabels> _byQuery = [];
    readonly Dictionary<string, PackedLabels> _packed = [];
    readonly List<string> _queries = [];
    (string? Query, QueryLabels? Labels) _latest;

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
            _latest = (query, LabelsOf(query));
        }
        return _latest.Labels!.Add(document, label);
    }

    /// <summary>Adds a query with all of its judgements, of one document each, most or all of them candidates.</summary>
    internal void Add(CandidateQuery query, IEnumerable<(ReadOnlyMemory<byte> Document, int Label)> judgements)
    {
        var labels = new QueryLabels();
        foreach (var (document, label) in judgements) labels.Append(document.Span, label);
        if (labels.Count == 0) return;
        _packed.Add(query.Id, new PackedLabels(labels, query.Documents));
        _queries.Add(query.Id);
    }

    /// <summary>
    /// Keeps the ids of judged candidates once, with the candidates: where every candidate is judged they are most of what judgements take.
    /// </summary>
    internal void ShareIds(IReadOnlyList<CandidateQuery> candidates)
    {
        var packed = new PackedLabels?[candidates.Count];
        Parallel.For(0, packed.Length, q =>
        {
            if (_byQuery.TryGetValue(candidates[q].Id, out var labels)) packed[q] = new PackedLabels(labels, candidates[q].Documents);
        });
        for (int q = 0; q < packed.Length; q++)
        {
            if (packed[q] is not { } labels) continue;
            _byQuery.Remove(candidates[q].Id);
            _packed[candidates[q].Id] = labels;
        }
        _byQuery.TrimExcess();
        _latest = default;
    }

    /// <summary>Labels by document id, in the order of the file; null for a query without judgements.</summary>
    public IReadOnlyDictionary<string, int>? Of(string query) =>
        _packed.TryGetValue(query, out var packed) ? packed.Unpack() : _byQuery.GetValueOrDefault(query);

    /// <summary>A query's labels, to add to; none where it is new.</summary>
    QueryLabels LabelsOf(string query)
    {
        if (_byQuery.TryGetValue(query, out var labels)) return labels;
        if (_packed.Remove(query, out var packed)) labels = packed.Unpack();
        else _queries.Add(query);
        return _byQuery[query] = labels ?? new QueryLabels();
    }
}
