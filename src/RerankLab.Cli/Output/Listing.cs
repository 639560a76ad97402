using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>Rows of named columns, written as a table for people or in full precision for programs.</summary>
sealed class Listing(params string[] columns)
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly List<object?[]> _rows = [];

    /// <summary>Strings, numbers or nothing, one for each column.</summary>
    public void Add(params object?[] row) => _rows.Add(row);

    public void WriteTsv()
    {
        Console.Out.WriteLine(string.Join('\t', columns));
        foreach (var row in _rows) Console.Out.WriteLine(string.Join('\t', row.Select(Exact)));
    }

    public void WriteJson() =>
        WriteJson(new JsonArray([.. _rows.Select(r => new JsonObject(columns.Select((c, i) => KeyValuePair.Create(c, Node(r[i])))))]));

    public void WriteTable()
    {
        var table = new Table { Border = TableBorder.Simple };
        for (int i = 0; i < columns.Length; i++)
        {
            bool isNumber = _rows.Any(r => r[i] is not (null or string)) && _rows.All(r => r[i] is not string text || IsBound(text));
            table.AddColumn(new TableColumn(Markup.Escape(columns[i])) { Alignment = isNumber ? Justify.Right : Justify.Left, NoWrap = isNumber || i < 2 });
        }
        foreach (var row in _rows) table.AddRow([.. row.Select(c => Markup.Escape(Shown(c)))]);
        Terminal.WriteWhole(table);
    }

    public void WriteMarkdown() => MarkdownTable.Write(columns, _rows);

    public void WriteLatex() => LatexTable.Write(columns, _rows);

    public void Write(OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Table: WriteTable(); break;
            case OutputFormat.Tsv: WriteTsv(); break;
            case OutputFormat.Json: WriteJson(); break;
            case OutputFormat.Markdown: WriteMarkdown(); break;
            case OutputFormat.Latex: WriteLatex(); break;
        }
    }

    public static void WriteJson(JsonNode node) => Console.Out.WriteLine(node.ToJsonString(Indented));

    /// <summary>A JSON value of a cell.</summary>
    public static JsonNode? Node(object? cell) => cell switch
    {
        null => null,
        Unrounded number => JsonValue.Create(number.Number),
        _ => JsonSerializer.SerializeToNode(cell, Indented),
    };

    /// <summary>Whether a text among numbers stands for one: nothing, or a bound such as &lt;0.0001.</summary>
    static bool IsBound(string text) => text.Length == 0 || text[0] == '<';

    /// <summary>Numbers to four decimals; text as <see cref="Terminal.Printable"/>.</summary>
    public static string Shown(object? cell) => cell is double number ? number.ToString("0.0000") : Terminal.Printable(OnOneLine(cell));

    /// <summary>Numbers so that they round-trip; tabs and line ends as spaces.</summary>
    public static string Exact(object? cell) => Console.IsOutputRedirected ? OnOneLine(cell) : Terminal.Printable(OnOneLine(cell));

    static string OnOneLine(object? cell) => cell?.ToString()?.Replace('\t', ' ').Replace('\n', ' ').Replace("\r", "") ?? "";
}
