using System.Text;
using System.Text.Json;

namespace RerankLab.Demo;

/// <summary>A passage of the demo corpus.</summary>
public sealed record Passage(string Id, string Title, string Text)
{
    /// <summary>Title and text, as they are searched and scored.</summary>
    public string Full => Title.Length == 0 ? Text : Title + " " + Text;
}

/// <summary>A query of the demo.</summary>
public sealed record Query(string Id, string Text);

/// <summary>The passages and queries in a demo folder. The judgments are not read.</summary>
public sealed record DemoCollection(IReadOnlyList<Passage> Passages, IReadOnlyList<Query> Queries)
{
    /// <summary>Reads corpus.jsonl and queries.tsv.</summary>
    public static DemoCollection Read(string folder) => new(
        [.. Lines(Path.Combine(folder, "corpus.jsonl")).Select(ReadPassage)],
        [.. Lines(Path.Combine(folder, "queries.tsv")).Select(ReadQuery)]);

    static IEnumerable<string> Lines(string path) =>
        File.ReadLines(path, Encoding.UTF8).Where(line => !string.IsNullOrWhiteSpace(line));

    static Passage ReadPassage(string line)
    {
        using var json = JsonDocument.Parse(line);
        var passage = json.RootElement;
        var title = passage.TryGetProperty("title", out var value) ? value.GetString() : null;
        return new Passage(
            passage.GetProperty("_id").GetString()!, title ?? "", passage.GetProperty("text").GetString()!);
    }

    static Query ReadQuery(string line)
    {
        var tab = line.IndexOf('\t');
        if (tab <= 0)
            throw new FormatException($"queries.tsv: no tab after an id in \"{line}\"");
        return new Query(line[..tab], line[(tab + 1)..].Trim());
    }
}
