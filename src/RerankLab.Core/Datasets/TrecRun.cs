using System.Collections.Concurrent;

namespace RerankLab.Core.Datasets;

/// <summary>A TREC run: scored documents by query. Ids are kept as UTF-8: runs have millions of lines.</summary>
public sealed class TrecRun
{
    readonly Dictionary<string, ScoredDocuments> _byQuery = [];
    readonly List<string> _queries = [];

    /// <summary>The queries in the order of their first line.</summary>
    public IReadOnlyList<string> Queries => _queries;

    /// <summary>
    /// The documents of a query with their lines, best first: by score, equal scores by the rule that the run was read with (the rank
    /// column is ignored). Empty for a query that the run does not have.
    /// </summary>
    public IReadOnlyList<(string Document, double Score, long Line)> Of(string query) => _byQuery.GetValueOrDefault(query)?.ToArray() ?? [];

    /// <summary>The same without a string for each; null for a query that the run does not have.</summary>
    internal ScoredDocuments? Ranked(string query) => _byQuery.GetValueOrDefault(query);

    /// <summary>Lets go of a query's documents: they are elsewhere by now.</summary>
    internal void Forget(string query) => _byQuery.Remove(query);

    /// <summary>
    /// Reads lines of <c>query Q0 document rank score tag</c>, separated by spaces or tabs. As for trec_eval 10, lines
    /// that begin with # are comments, and what follows the tag is ignored.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">What is wrong with it goes here.</param>
    /// <param name="ties">What decides between equal scores.</param>
    public static TrecRun Read(DataFile file, Problems problems, TieRule ties = TieRule.DocIdDescending)
    {
        var run = new TrecRun();
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return run;

        Span<Range> fields = stackalloc Range[6];
        ScoredDocuments? documents = null;
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line) || Fields.IsComment(line)) continue;
            int count = Fields.SplitAtWhitespace(line, fields);
            if (count < 5)
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
            // Lines of one query mostly stand together.
            if (documents is null || !documents.IsOf(line[fields[0]]))
            {
                documents?.Trim();
                documents = run.DocumentsOf(line[fields[0]]);
            }
            documents.Add(line[fields[2]], score, lines.Number);
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected a TREC run");

        var twice = new ConcurrentBag<(long Line, string Text)>();
        Parallel.ForEach(run._byQuery, query =>
        {
            foreach (var (line, document) in query.Value.Repeated())
                twice.Add((line, $"document '{document}' stands twice under query '{query.Key}'"));
            query.Value.Sort(ties);
        });
        foreach (var (line, text) in twice.Order()) problems.Add(file.Shown, line, text);
        return run;
    }

    ScoredDocuments DocumentsOf(ReadOnlySpan<byte> query)
    {
        var id = Fields.Text(query);
        if (!_byQuery.TryGetValue(id, out var documents))
        {
            _byQuery.Add(id, documents = new ScoredDocuments(query.ToArray()));
            _queries.Add(id);
        }
        return documents;
    }
}
