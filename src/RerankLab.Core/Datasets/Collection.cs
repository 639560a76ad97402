using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads a BEIR or TREC collection: queries and corpus as JSON lines (<c>_id</c>, <c>title</c>, <c>text</c>) or TSV
/// (id, text), and the first-stage run. Only the texts that the run needs are added.
/// </summary>
static class Collection
{
    /// <summary>A line as it was parsed: of a broken one what is wrong, of a blank one nothing.</summary>
    sealed record Parsed(long Number, LineText? Id = null, LineText Text = default, string? Problem = null);

    public static void Read(CollectionSpec spec, DatasetBuilder builder, Problems problems)
    {
        var run = TrecRun.Read(spec.Run, problems);
        int depth = spec.Depth ?? int.MaxValue;

        var asked = new IdIndex();
        // Room for as many as there can be, of which only what is used becomes memory: growing would leave large arrays behind.
        var documents = new IdIndex(
            run.Queries.Sum(q => Math.Min(depth, run.Ranked(q)!.Count)), run.Queries.Sum(q => run.Ranked(q)!.IdBytes));
        foreach (var query in run.Queries)
        {
            asked.Add(Fields.Utf8(query), out _);
            var ranked = run.Ranked(query)!;
            for (int rank = 0; rank < Math.Min(depth, ranked.Count); rank++) documents.Add(ranked[rank].Document.Span, out _);
        }
        var passages = ReadTexts(spec.Corpus, "document", documents, builder.Texts, problems);
        if (spec.Corpus.Exists) ReportMissing(spec, run, depth, documents, passages, problems);

        var queries = ReadTexts(spec.Queries, "query", asked, builder.Texts, problems, onOther: builder.CountQueryWithoutCandidates);
        if (spec.Queries.Exists)
            foreach (var (number, query) in run.Queries.Index())
                if (queries[number] == TextPool.Absent)
                    problems.Add(spec.Run.Shown, run.Of(query).Min(d => d.Line),
                        $"query '{query}' of the run is not in {spec.Queries.Shown}");

        // In the order of their file, which is that of their texts' numbers.
        foreach (int number in Enumerable.Range(0, asked.Count).Where(n => queries[n] != TextPool.Absent).OrderBy(n => queries[n]))
        {
            var query = run.Queries[number];
            var (ranked, candidates) = (run.Ranked(query)!, new List<Candidate>());
            for (int rank = 0; rank < Math.Min(depth, ranked.Count); rank++)
                if (passages[documents.Find(ranked[rank].Document.Span)] is not TextPool.Absent and var text)
                    candidates.Add(new Candidate(ranked[rank].Document, text, ranked[rank].Score));
            builder.AddQuery(query, queries[number], candidates, scored: true);
            run.Forget(query);
        }
    }

    static void ReportMissing(CollectionSpec spec, TrecRun run, int depth, IdIndex documents, int[] passages, Problems problems)
    {
        var missing = new List<(long Line, string Document)>();
        foreach (var query in run.Queries)
        {
            var ranked = run.Ranked(query)!;
            for (int rank = 0; rank < Math.Min(depth, ranked.Count); rank++)
                if (passages[documents.Find(ranked[rank].Document.Span)] == TextPool.Absent)
                    missing.Add((ranked[rank].Line, Fields.Text(ranked[rank].Document.Span)));
        }
        foreach (var (line, document) in missing.OrderBy(d => d.Line).DistinctBy(d => d.Document))
            problems.Add(spec.Run.Shown, line, $"document '{document}' of the run is not in {spec.Corpus.Shown}");
    }

    /// <summary>
    /// Reads the wanted texts of a queries or corpus file: text numbers by the numbers of their ids, absent where there is none.
    /// </summary>
    static int[] ReadTexts(DataFile file, string what, IdIndex wanted, TextPool texts, Problems problems, Action? onOther = null)
    {
        var found = new int[wanted.Count];
        Array.Fill(found, TextPool.Absent);
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return found;

        var (source, others) = (texts.SourceOf(lines), new IdIndex());
        lines.ParseAll(Parse, line =>
        {
            if (line.Problem is not null)
            {
                problems.Add(file.Shown, line.Number, line.Problem);
                return;
            }
            if (line.Id is not { } id) return;
            int number = wanted.Find(id.Utf8.Span);
            if (number < 0 ? !others.Add(id.Utf8.Span, out _) : found[number] != TextPool.Absent)
                problems.Add(file.Shown, line.Number, $"{what} id '{id}' stands twice in this file");
            else if (number < 0) onOther?.Invoke();
            else found[number] = texts.Add(line.Text, source);
        });
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected JSON lines (_id, text) or TSV (id, text)");
        return found;
    }

    static Parsed Parse(Utf8Line line)
    {
        if (Fields.IsBlank(line.Utf8.Span)) return new Parsed(line.Number);
        try
        {
            var (id, text) = line.Utf8.Span.TrimStart(" \t"u8)[0] == '{' ? ParseJson(line) : ParseFields(line);
            return new Parsed(line.Number, id, text);
        }
        catch (FormatException e)
        {
            return new Parsed(line.Number, Problem: e.Message);
        }
    }

    static (LineText Id, LineText Text) ParseJson(Utf8Line line)
    {
        using var json = JsonLine.Parse(line.Utf8);
        var id = JsonLine.OptionalId(json.RootElement, "_id", line) ?? JsonLine.OptionalId(json.RootElement, "id", line)
                 ?? throw new FormatException("the key \"_id\" is missing");
        var text = JsonLine.Text(json.RootElement, "text", line);
        return (id, json.RootElement.TryGetProperty("title", out _) ? Titled(JsonLine.Text(json.RootElement, "title", line), text) : text);
    }

    static (LineText Id, LineText Text) ParseFields(Utf8Line line)
    {
        var utf8 = line.Utf8.Span;
        Span<Range> fields = stackalloc Range[2];
        if (Fields.SplitAtTabs(utf8, fields) != 2)
            throw new FormatException("expected 2 fields separated by a tab (id, text), found 1");
        var key = line.Text(utf8[fields[0]]);
        return key.Utf8.IsEmpty ? throw new FormatException("the id (field 1) is empty") : (key, line.Text(utf8[fields[1]]));
    }

    /// <summary>
    /// BEIR's rule (beir 2.0, retrieval models' corpus encoding): title, one space, text, trimmed. With an empty title the text can stand
    /// where it is.
    /// </summary>
    static LineText Titled(LineText title, LineText text) =>
        (title.Utf8.IsEmpty ? text : LineText.Made(Encoding.UTF8.GetBytes($"{title} {text}"))).Trimmed();
}
