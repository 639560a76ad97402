namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads MS MARCO pairs (<c>top1000.dev.tsv</c>): query id, passage id, query and passage separated by tabs, in any
/// order. Without a run the order of the candidates means nothing; with one, the run chooses and orders them.
/// </summary>
static class MsMarcoPairs
{
    /// <summary>A query while its lines are gathered. Passages are numbered in the order of the file.</summary>
    sealed class Query(string id, int text)
    {
        readonly List<int> _texts = [];

        public string Id => id;

        public int Text => text;

        public IdIndex Passages { get; } = new();

        public IReadOnlyList<int> PassageTexts => _texts;

        public void AddText(int passage) => _texts.Add(passage);

        /// <summary>Gives up the room for more passages; a further one makes new room.</summary>
        public void Trim()
        {
            Passages.Trim();
            _texts.TrimExcess();
        }
    }

    public static void Read(PairsSpec spec, DatasetBuilder builder, Problems problems)
    {
        var (ids, queries) = ReadQueries(spec.Pairs, builder.Texts, problems);
        if (spec.Run is null)
        {
            builder.HasFirstStageOrder = false;
            foreach (var query in LettingGo(queries))
                AddQuery(builder, query, [.. query.PassageTexts.Select((text, p) => new Candidate(query.Passages[p], text, 0))], scored: false);
            return;
        }

        var run = TrecRun.Read(spec.Run, problems);
        int outside = 0;
        foreach (var query in LettingGo(queries))
        {
            var (candidates, named) = (new List<Candidate>(), 0);
            var ranked = run.Ranked(query.Id);
            for (int rank = 0; rank < ranked?.Count; rank++)
            {
                var (document, score, line) = ranked[rank];
                int passage = query.Passages.Find(document.Span);
                if (passage >= 0) named++;
                if (rank >= (spec.Depth ?? int.MaxValue)) continue;
                if (passage >= 0) candidates.Add(new Candidate(document, query.PassageTexts[passage], score));
                else
                    problems.Add(spec.Run.Shown, line,
                        $"document '{Fields.Text(document.Span)}' of query '{query.Id}' is not in {spec.Pairs.Shown}");
            }
            outside += query.Passages.Count - named;
            AddQuery(builder, query, candidates, scored: true);
            run.Forget(query.Id);
        }
        foreach (var query in run.Queries.Where(q => ids.Find(Fields.Utf8(q)) < 0))
            problems.Add(spec.Run.Shown, run.Of(query).Min(d => d.Line), $"query '{query}' of the run is not in {spec.Pairs.Shown}");
        if (outside > 0) builder.Note($"pairs that the run does not name, left out: {outside}");
    }

    static void AddQuery(DatasetBuilder builder, Query query, List<Candidate> candidates, bool scored)
    {
        builder.Order(candidates, scored);
        builder.AddQuery(query.Id, query.Text, candidates, scored);
    }

    /// <summary>One by one: what was gathered of a query is not needed beside what was made of it.</summary>
    static IEnumerable<Query> LettingGo(List<Query?> queries)
    {
        for (int q = 0; q < queries.Count; q++)
        {
            var query = queries[q]!;
            queries[q] = null;
            yield return query;
        }
    }

    static (IdIndex Ids, List<Query?> Queries) ReadQueries(DataFile file, TextPool texts, Problems problems)
    {
        var (ids, queries) = (new IdIndex(), new List<Query?>());
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return (ids, queries);

        var source = texts.SourceOf(lines);
        Span<Range> fields = stackalloc Range[4];
        Query? query = null;
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            int count = Fields.SplitAtTabs(line, fields);
            if (count != 4)
            {
                problems.Add(file.Shown, lines.Number, $"expected 4 fields separated by tabs (query id, passage id, query, passage), found {count}");
                continue;
            }
            // Query texts are compared with each line's, so they are kept.
            if (ids.Add(line[fields[0]], out int number))
                queries.Add(new Query(Fields.Text(line[fields[0]]), texts.Add(line[fields[2]])));
            // Lines of one query mostly stand together.
            if (query != queries[number]) query?.Trim();
            query = queries[number]!;
            if (!texts.Utf8(query.Text).SequenceEqual(line[fields[2]]))
                problems.Add(file.Shown, lines.Number, $"query '{query.Id}' has another text here than on its first line");
            else if (query.Passages.Add(line[fields[1]], out _))
                query.AddText(texts.Add(lines.Line.Text(line[fields[3]]), source));
            else
                problems.Add(file.Shown, lines.Number, $"document '{Fields.Text(line[fields[1]])}' stands twice under query '{query.Id}'");
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected MS MARCO pairs");
        return (ids, queries);
    }
}
