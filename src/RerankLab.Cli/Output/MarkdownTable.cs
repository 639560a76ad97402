using System.Text.RegularExpressions;

namespace RerankLab.Cli.Output;

/// <summary>A table in GitHub's Markdown.</summary>
static partial class MarkdownTable
{
    public static void Write(IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        WriteRow(columns.Select(Escape));
        WriteRow(columns.Select((_, i) => rows.Any(r => r[i] is not (null or string)) ? "---:" : "---"));
        foreach (var row in rows) WriteRow(row.Select(Cell));
    }

    /// <summary>Text that means nothing else in Markdown: punctuation after a backslash, line ends as spaces.</summary>
    public static string Escape(string text) => Special().Replace(text.ReplaceLineEndings(" "), @"\$0");

    static void WriteRow(IEnumerable<string> cells) => Console.Out.WriteLine($"| {string.Join(" | ", cells)} |");

    static string Cell(object? cell) => cell switch
    {
        Marked { Marks: "" } plain => Listing.Shown(plain.Number),
        Marked marked => $"{Listing.Shown(marked.Number)}<sup>{marked.Marks}</sup>",
        _ => Escape(Listing.Shown(cell)),
    };

    [GeneratedRegex(@"[\\`*_{}\[\]<>#|~&$]")]
    private static partial Regex Special();
}
