using System.Text;

namespace RerankLab.Cli.Output;

/// <summary>A LaTeX tabular that needs no package.</summary>
static class LatexTable
{
    public static void Write(IReadOnlyList<string> columns, IReadOnlyList<object?[]> rows)
    {
        var alignment = string.Concat(columns.Select((_, i) => rows.Any(r => r[i] is not (null or string)) ? 'r' : 'l'));
        Console.Out.WriteLine($@"\begin{{tabular}}{{{alignment}}}");
        Console.Out.WriteLine(@"\hline");
        WriteRow(columns.Select(Escape));
        Console.Out.WriteLine(@"\hline");
        foreach (var row in rows) WriteRow(row.Select(Cell));
        Console.Out.WriteLine(@"\hline");
        Console.Out.WriteLine(@"\end{tabular}");
    }

    /// <summary>Text that means nothing else in LaTeX; line ends as spaces.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text.ReplaceLineEndings(" "))
            escaped.Append(c switch
            {
                '\\' => @"\textbackslash{}",
                '~' => @"\textasciitilde{}",
                '^' => @"\textasciicircum{}",
                '<' => @"\textless{}",
                '>' => @"\textgreater{}",
                '|' => @"\textbar{}",
                '{' or '}' or '$' or '&' or '#' or '%' or '_' => $@"\{c}",
                _ => $"{c}",
            });
        return escaped.ToString();
    }

    static void WriteRow(IEnumerable<string> cells) => Console.Out.WriteLine($@"{string.Join(" & ", cells)} \\");

    static string Cell(object? cell) => cell switch
    {
        Marked { Marks: "" } plain => Listing.Shown(plain.Number),
        Marked marked => $"{Listing.Shown(marked.Number)}$^{{{marked.Marks}}}$",
        _ => Escape(Listing.Shown(cell)),
    };
}
