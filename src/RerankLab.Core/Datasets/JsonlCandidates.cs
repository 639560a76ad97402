using System.Security.Cryptography;
using System.Text.Json;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads candidates as JSON lines: <c>{"query": "...", "passages": [{"id": "p1", "text": "..."}]}</c>, optional
/// <c>id</c> of the query, <c>score</c> (first stage) and integer <c>label</c> of a passage. Lines are parsed on all cores.
/// </summary>
static class JsonlCandidates
{
    /// <summary>A line as it was parsed: of a broken one what is wrong, of a blank one nothing.</summary>
    /// <param name="Number">The line's.</param>
    sealed record Parsed(long Number)
    {
        public string? Problem { get; init; }

        public string? Id { get; set; }

        public LineText Text { get; set; }

        public List<LineText> Passages { get; } = [];

        /// <summary>In first-stage order; the text's number is that of the passage in this line.</summary>
        public List<Candidate> Candidates { get; } = [];

        public bool Scored { get; set; }

        public List<(ReadOnlyMemory<byte> Document, int Label)> Labels { get; } = [];

        public List<string> UnusedKeys { get; } = [];
    }

    public static void Read(JsonlCandidatesSpec spec, DatasetBuilder builder, Problems problems)
    {
        var file = spec.Candidates;
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return;

        var source = builder.Texts.SourceOf(lines);
        var queryLines = new Dictionary<string, long>();
        var unusedKeys = new SortedDictionary<string, int>(StringComparer.Ordinal);
        lines.ParseAll(line => Parse(line, builder), parsed =>
        {
            foreach (var key in parsed.UnusedKeys) unusedKeys[key] = unusedKeys.GetValueOrDefault(key) + 1;
            if (parsed.Problem is not null) problems.Add(file.Shown, parsed.Number, parsed.Problem);
            else if (parsed.Id is null) return;
            else if (queryLines.TryAdd(parsed.Id, parsed.Number)) Add(parsed, builder, source);
            else problems.Add(file.Shown, parsed.Number, $"query id '{parsed.Id}' stands on line {queryLines[parsed.Id]} already");
        });
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected one JSON object a line");
        if (unusedKeys.Count > 0)
            builder.Note($"{file.Shown}: keys that mean nothing to rlab: " +
                         string.Join(", ", unusedKeys.Select(k => $"{k.Key} ({k.Value} times)")));
    }

    static void Add(Parsed query, DatasetBuilder builder, int? source)
    {
        var candidates = query.Candidates.ConvertAll(c => c with { Text = builder.Texts.Add(query.Passages[c.Text], source) });
        builder.AddQuery(query.Id!, builder.Texts.Add(query.Text, source), candidates, query.Scored, query.Labels);
    }

    static Parsed Parse(Utf8Line line, DatasetBuilder builder)
    {
        var parsed = new Parsed(line.Number);
        if (Fields.IsBlank(line.Utf8.Span)) return parsed;
        try
        {
            using var json = JsonLine.Parse(line.Utf8);
            Parse(json.RootElement, line, parsed);
            builder.Order(parsed.Candidates, parsed.Scored);
            return parsed;
        }
        catch (FormatException e)
        {
            return new Parsed(line.Number) { Problem = e.Message };
        }
    }

    static void Parse(JsonElement json, Utf8Line line, Parsed parsed)
    {
        NoteUnused(json, ["id", "query", "passages"], parsed.UnusedKeys);
        parsed.Text = JsonLine.Text(json, "query", line);
        var id = parsed.Id = JsonLine.OptionalId(json, "id", line)?.ToString() ?? IdOf(parsed.Text);
        if (!json.TryGetProperty("passages", out var passages) || passages.ValueKind != JsonValueKind.Array)
            throw new FormatException("expected \"passages\": [ … ]");

        var documents = new IdIndex();
        int scored = 0;
        foreach (var passage in passages.EnumerateArray())
        {
            if (passage.ValueKind != JsonValueKind.Object)
                throw new FormatException($"expected passages as objects, found {passage.ValueKind}");
            NoteUnused(passage, ["id", "text", "score", "label"], parsed.UnusedKeys);
            var document = JsonLine.OptionalId(passage, "id", line)
                           ?? throw new FormatException($"passage {documents.Count + 1} has no \"id\"");
            if (!documents.Add(document.Utf8.Span, out int number))
                throw new FormatException($"document '{document}' stands twice under query '{id}'");
            double score = 0;
            if (passage.TryGetProperty("score", out var scoreElement))
            {
                if (scoreElement.ValueKind != JsonValueKind.Number || !scoreElement.TryGetDouble(out score) || !double.IsFinite(score))
                    throw new FormatException($"expected a finite number as \"score\" of passage '{document}'");
                scored++;
            }
            if (passage.TryGetProperty("label", out var label))
            {
                if (label.ValueKind != JsonValueKind.Number || !label.TryGetInt32(out int value))
                    throw new FormatException($"expected an integer as \"label\" of passage '{document}', found {label.GetRawText()}");
                parsed.Labels.Add((document.Utf8, value));
            }
            parsed.Passages.Add(JsonLine.Text(passage, "text", line));
            parsed.Candidates.Add(new Candidate(document.Utf8, number, score));
        }
        if (scored > 0 && scored < documents.Count)
            throw new FormatException($"{scored} of {documents.Count} passages have a \"score\"; expected all of them or none");
        parsed.Scored = scored > 0;
    }

    /// <summary>The id of a query that has none: the first 12 hex digits of its MD5 (never a line number: runs are paired by id).</summary>
    static string IdOf(LineText query) => Convert.ToHexStringLower(MD5.HashData(query.Utf8.Span))[..12];

    static void NoteUnused(JsonElement element, ReadOnlySpan<string> known, List<string> unused)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"expected a JSON object, found {element.ValueKind}");
        foreach (var property in element.EnumerateObject())
            if (!IsKnown(property, known)) unused.Add(property.Name);

        // Names as strings would be one each for every passage.
        static bool IsKnown(JsonProperty property, ReadOnlySpan<string> known)
        {
            foreach (var name in known)
                if (property.NameEquals(name)) return true;
            return false;
        }
    }
}
