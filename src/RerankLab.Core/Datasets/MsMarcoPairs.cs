namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads MS MARCO pairs (<c>top1000.dev.tsv</c>): query id, passage id, query and passage separated by tabs, in any
/// order. Without a run the order of the candidates means nothing; with one, the run chooses and orders them.
/// </summary>
static class MsMarcoPairs
{
    sealed record Query(string Id, int Text, Dictionary<string, int> Passages);

    public static void Read(PairsSpec spec, DatasetBuilder builder, Problems problems)
    {
        var queries = ReadQueries(spec.Pairs, builder.Texts, problems);
        if (spec.Run is null)
        {
            builder.HasFirstStageOrder = false;
            foreach (var query in queries)
                builder.AddQuery(query.Id, query.Text, [.. query.Passages.Select(p => new Candidate(p.Key, p.Value, 0))], scored: false);
            return;
        }

        var run = TrecRun.Read(spec.Run, problems);
        int outside = 0;
        foreach (var query in queries)
        {
            var ranked = run.Of(query.Id);
            var wanted = ranked.Take(spec.Depth ?? int.MaxValue).ToLookup(d => query.Passages.ContainsKey(d.Document));
            foreach (var (document, _, line) in wanted[false])
                problems.Add(spec.Run.Shown, line, $"document '{document}' of query '{query.Id}' is not in {spec.Pairs.Shown}");
            var candidates = wanted[true].Select(d => new Candidate(d.Document, query.Passages[d.Document], d.Score)).ToList();
            outside += query.Passages.Count - ranked.Count(d => query.Passages.ContainsKey(d.Document));
            builder.AddQuery(query.Id, query.Text, candidates, scored: true);
        }
        var known = queries.Select(q => q.Id).ToHashSet();
        foreach (var query in run.Queries.Where(q => !known.Contains(q)))
            problems.Add(spec.Run.Shown, run.Of(query).Min(d => d.Line), $"query '{query}' of the run is not in {spec.Pairs.Shown}");
        if (outside > 0) builder.Note($"pairs that the run does not name, left out: {outside}");
    }

    static List<Query> ReadQueries(DataFile file, TextPool texts, Problems problems)
    {
        var queries = new List<Query>();
        var byId = new Dictionary<string, Query>();
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return queries;

        Span<Range> fields = stackalloc Range[4];
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            int count = Fields.SplitAtTabs(line, fields);
            if (count != 4)
            {
                problems.Add(file.Shown, lines.Number, $"expected 4 fields separated by tabs (query id, passage id, query, passage), found {count}");
                continue;
            }
            var id = Fields.Text(line[fields[0]]);
            if (!byId.TryGetValue(id, out var query))
            {
                byId.Add(id, query = new Query(id, texts.Add(line[fields[2]]), []));
                queries.Add(query);
            }
            else if (!texts.Utf8(query.Text).SequenceEqual(line[fields[2]]))
            {
                problems.Add(file.Shown, lines.Number, $"query '{id}' has another text here than on its first line");
                continue;
            }
            var document = Fields.Text(line[fields[1]]);
            if (!query.Passages.ContainsKey(document))
                query.Passages.Add(document, texts.Add(line[fields[3]]));
            else
                problems.Add(file.Shown, lines.Number, $"document '{document}' stands twice under query '{id}'");
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected MS MARCO pairs");
        return queries;
    }
}
