namespace RerankLab.Core.Datasets;

/// <summary>Relevance judgements: integer labels by query and document. A document that is absent is unjudged.</summary>
public sealed class Qrels
{
    readonly Dictionary<string, Dictionary<string, int>> _byQuery = [];
    readonly List<string> _queries = [];

    /// <summary>The judged queries in the order of the file.</summary>
    public IReadOnlyList<string> Queries => _queries;

    public bool IsEmpty => _queries.Count == 0;

    /// <summary>Adds a judgement; false when this document was judged for this query before.</summary>
    public bool Add(string query, string document, int label)
    {
        if (!_byQuery.TryGetValue(query, out var labels))
        {
            _byQuery.Add(query, labels = []);
            _queries.Add(query);
        }
        return labels.TryAdd(document, label);
    }

    /// <summary>Labels by document id; null for a query without judgements.</summary>
    public IReadOnlyDictionary<string, int>? Of(string query) => _byQuery.GetValueOrDefault(query);
}
