using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads candidates as JSON lines: <c>{"query": "...", "passages": [{"id": "p1", "text": "..."}]}</c>, optional
/// <c>id</c> of the query, <c>score</c> (first stage) and integer <c>label</c> of a passage.
/// </summary>
static class JsonlCandidates
{
    public static void Read(JsonlCandidatesSpec spec, DatasetBuilder builder, Problems problems)
    {
        var file = spec.Candidates;
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return;

        var queryLines = new Dictionary<string, long>();
        var unusedKeys = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            if (!JsonLine.TryParse(line, file, lines.Number, problems, out var json)) continue;
            using (json)
            {
                try
                {
                    var query = ReadQuery(json.RootElement, builder, unusedKeys);
                    if (!queryLines.TryAdd(query, lines.Number))
                        throw new FormatException($"query id '{query}' stands on line {queryLines[query]} already");
                }
                catch (FormatException e)
                {
                    problems.Add(file.Shown, lines.Number, e.Message);
                }
            }
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected one JSON object a line");
        if (unusedKeys.Count > 0)
            builder.Note($"{file.Shown}: keys that mean nothing to rlab: " +
                         string.Join(", ", unusedKeys.Select(k => $"{k.Key} ({k.Value} times)")));
    }

    static string ReadQuery(JsonElement line, DatasetBuilder builder, SortedDictionary<string, int> unusedKeys)
    {
        CountUnused(line, ["id", "query", "passages"], unusedKeys);
        var text = JsonLine.Text(line, "query");
        var id = JsonLine.OptionalId(line, "id") ?? IdOf(text);
        if (!line.TryGetProperty("passages", out var passages) || passages.ValueKind != JsonValueKind.Array)
            throw new FormatException("expected \"passages\": [ … ]");

        var candidates = new List<Candidate>(passages.GetArrayLength());
        var documents = new HashSet<string>();
        int scored = 0;
        foreach (var passage in passages.EnumerateArray())
        {
            if (passage.ValueKind != JsonValueKind.Object)
                throw new FormatException($"expected passages as objects, found {passage.ValueKind}");
            CountUnused(passage, ["id", "text", "score", "label"], unusedKeys);
            var document = JsonLine.OptionalId(passage, "id")
                           ?? throw new FormatException($"passage {candidates.Count + 1} has no \"id\"");
            if (!documents.Add(document)) throw new FormatException($"document '{document}' stands twice under query '{id}'");
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
                builder.AddLabel(id, document, value);
            }
            candidates.Add(new Candidate(document, builder.Texts.Add(JsonLine.Utf8Text(passage, "text")), score));
        }
        if (scored > 0 && scored < candidates.Count)
            throw new FormatException($"{scored} of {candidates.Count} passages have a \"score\"; expected all of them or none");
        builder.AddQuery(id, builder.Texts.Add(Encoding.UTF8.GetBytes(text)), candidates, scored > 0);
        return id;
    }

    /// <summary>The id of a query that has none: the first 12 hex digits of its MD5 (never a line number: runs are paired by id).</summary>
    static string IdOf(string query) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(query)))[..12];

    static void CountUnused(JsonElement element, ReadOnlySpan<string> known, SortedDictionary<string, int> unused)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"expected a JSON object, found {element.ValueKind}");
        foreach (var property in element.EnumerateObject())
            if (!IsKnown(property, known)) unused[property.Name] = unused.GetValueOrDefault(property.Name) + 1;

        // Names as strings would be one each for every passage.
        static bool IsKnown(JsonProperty property, ReadOnlySpan<string> known)
        {
            foreach (var name in known)
                if (property.NameEquals(name)) return true;
            return false;
        }
    }
}
