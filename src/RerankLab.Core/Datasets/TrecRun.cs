namespace RerankLab.Core.Datasets;

/// <summary>A TREC run: scored documents by query.</summary>
public sealed class TrecRun
{
    readonly Dictionary<string, List<(string Document, double Score)>> _byQuery = [];
    readonly List<string> _queries = [];

    /// <summary>The queries in the order of their first line.</summary>
    public IReadOnlyList<string> Queries => _queries;

    /// <summary>
    /// The documents of a query, best first: by score, then document id, both descending (trec_eval's rule; the rank
    /// column is ignored). Empty for a query that the run does not have.
    /// </summary>
    public IReadOnlyList<(string Document, double Score)> Of(string query) => _byQuery.GetValueOrDefault(query) ?? [];

    /// <summary>Reads lines of <c>query Q0 document rank score tag</c>, separated by spaces or tabs.</summary>
    public static TrecRun Read(DataFile file, Problems problems)
    {
        var run = new TrecRun();
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return run;

        var seen = new HashSet<(string, string)>();
        Span<Range> fields = stackalloc Range[6];
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            int count = Fields.SplitAtWhitespace(line, fields);
            if (count is not (5 or 6))
            {
                problems.Add(file.Shown, lines.Number,
                    $"expected 6 fields (query Q0 document rank score tag), found {count}");
                continue;
            }
            if (!Fields.TryNumber(line[fields[4]], out double score))
            {
                problems.Add(file.Shown, lines.Number,
                    $"expected a finite number as score (field 5), found '{Fields.Text(line[fields[4]])}'");
                continue;
            }
            var (query, document) = (Fields.Text(line[fields[0]]), Fields.Text(line[fields[2]]));
            if (!seen.Add((query, document)))
                problems.Add(file.Shown, lines.Number, $"document '{document}' stands twice under query '{query}'");
            else
                run.Add(query, document, score);
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected a TREC run");
        foreach (var documents in run._byQuery.Values)
            documents.Sort((a, b) => TotalOrder.Compare(a.Score, a.Document, b.Score, b.Document));
        return run;
    }

    void Add(string query, string document, double score)
    {
        if (!_byQuery.TryGetValue(query, out var documents))
        {
            _byQuery.Add(query, documents = []);
            _queries.Add(query);
        }
        documents.Add((document, score));
    }
}
