using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads a BEIR or TREC collection: queries and corpus as JSON lines (<c>_id</c>, <c>title</c>, <c>text</c>) or TSV
/// (id, text), and the first-stage run. Only the texts that the run needs are kept.
/// </summary>
static class Collection
{
    public static void Read(CollectionSpec spec, DatasetBuilder builder, Problems problems)
    {
        var run = TrecRun.Read(spec.Run, problems);
        int depth = spec.Depth ?? int.MaxValue;

        var wanted = run.Queries.SelectMany(q => run.Of(q).Take(depth)).Select(d => d.Document).ToHashSet();
        var documents = ReadTexts(spec.Corpus, "document", wanted, builder.Texts, problems);
        if (spec.Corpus.Exists)
            foreach (var (document, _, line) in run.Queries.SelectMany(q => run.Of(q).Take(depth))
                         .Where(d => !documents.ContainsKey(d.Document)).OrderBy(d => d.Line).DistinctBy(d => d.Document))
                problems.Add(spec.Run.Shown, line, $"document '{document}' of the run is not in {spec.Corpus.Shown}");

        var asked = run.Queries.ToHashSet();
        var queries = ReadTexts(spec.Queries, "query", asked, builder.Texts, problems, onOther: builder.CountQueryWithoutCandidates);
        if (spec.Queries.Exists)
            foreach (var query in run.Queries.Where(q => !queries.ContainsKey(q)))
                problems.Add(spec.Run.Shown, run.Of(query).Min(d => d.Line), $"query '{query}' of the run is not in {spec.Queries.Shown}");

        foreach (var (query, text) in queries)
        {
            var candidates = run.Of(query).Take(depth).Where(d => documents.ContainsKey(d.Document))
                .Select(d => new Candidate(d.Document, documents[d.Document], d.Score));
            builder.AddQuery(query, text, [.. candidates], scored: true);
        }
    }

    /// <summary>Reads the wanted texts of a queries or corpus file: text numbers by id, in file order.</summary>
    static Dictionary<string, int> ReadTexts(DataFile file, string what, HashSet<string> wanted, TextPool texts,
        Problems problems, Action? onOther = null)
    {
        var found = new Dictionary<string, int>();
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return found;

        var seen = new HashSet<string>();
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            try
            {
                if (ReadText(line, file, lines.Number, problems) is not var (id, text)) continue;
                if (!seen.Add(id)) throw new FormatException($"{what} id '{id}' stands twice in this file");
                if (wanted.Contains(id)) found.Add(id, texts.Add(Encoding.UTF8.GetBytes(text)));
                else onOther?.Invoke();
            }
            catch (FormatException e)
            {
                problems.Add(file.Shown, lines.Number, e.Message);
            }
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected JSON lines (_id, text) or TSV (id, text)");
        return found;
    }

    static (string Id, string Text)? ReadText(ReadOnlySpan<byte> line, DataFile file, long number, Problems problems)
    {
        if (line.TrimStart(" \t"u8)[0] == '{')
        {
            if (!JsonLine.TryParse(line, file, number, problems, out var json)) return null;
            using (json)
            {
                var id = JsonLine.OptionalId(json.RootElement, "_id") ?? JsonLine.OptionalId(json.RootElement, "id")
                         ?? throw new FormatException("the key \"_id\" is missing");
                var text = JsonLine.Text(json.RootElement, "text");
                var title = json.RootElement.TryGetProperty("title", out _) ? JsonLine.Text(json.RootElement, "title") : null;
                // BEIR's rule (beir 2.0, retrieval models' corpus encoding): title, one space, text, trimmed.
                return (id, title is null ? text : $"{title} {text}".Trim());
            }
        }
        Span<Range> fields = stackalloc Range[2];
        if (Fields.SplitAtTabs(line, fields) != 2)
            throw new FormatException("expected 2 fields separated by a tab (id, text), found 1");
        var key = Fields.Text(line[fields[0]]);
        return key.Length == 0 ? throw new FormatException("the id (field 1) is empty") : (key, Fields.Text(line[fields[1]]));
    }
}
