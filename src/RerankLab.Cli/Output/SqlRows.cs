using System.Text.Encodings.Web;
using System.Text.Json;
using RerankLab.Core;

namespace RerankLab.Cli.Output;

/// <summary>Rows of a query, written as they come: there may be millions. Only a table waits for all of them.</summary>
static class SqlRows
{
    public const string FormatDescription = "table, tsv, json or csv; table on a terminal, else tsv";

    /// <summary>Writes columns and rows in a format.</summary>
    /// <exception cref="UserError">There is no such format.</exception>
    public static Action<IReadOnlyList<string>, IEnumerable<object?[]>> Writer(string? format) => format switch
    {
        "csv" => WriteCsv,
        null or "table" or "tsv" or "json" => OutputFormats.Parse(format) switch
        {
            OutputFormat.Table => WriteTable,
            OutputFormat.Json => WriteJson,
            _ => WriteTsv,
        },
        _ => throw new UserError($"--format: expected table, tsv, json or csv, found '{format}'"),
    };

    static void WriteTable(IReadOnlyList<string> columns, IEnumerable<object?[]> rows)
    {
        var listing = new Listing([.. columns]);
        foreach (var row in rows) listing.Add(row);
        listing.WriteTable();
    }

    static void WriteTsv(IReadOnlyList<string> columns, IEnumerable<object?[]> rows) =>
        WriteLines(columns, rows, '\t', "\n", cell => Listing.Exact(cell));

    /// <summary>RFC 4180.</summary>
    static void WriteCsv(IReadOnlyList<string> columns, IEnumerable<object?[]> rows) =>
        WriteLines(columns, rows, ',', "\r\n", cell => cell?.ToString() is { } text && text.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{text.Replace("\"", "\"\"")}\"" : cell?.ToString() ?? "");

    static void WriteLines(
        IReadOnlyList<string> columns, IEnumerable<object?[]> rows, char separator, string newLine, Func<object?, string> cell)
    {
        using var writer = new StreamWriter(Console.OpenStandardOutput()) { NewLine = newLine };
        writer.WriteLine(string.Join(separator, columns.Select(cell)));
        foreach (var row in rows) writer.WriteLine(string.Join(separator, row.Select(cell)));
    }

    static void WriteJson(IReadOnlyList<string> columns, IEnumerable<object?[]> rows)
    {
        using var stdout = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(stdout,
            new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < row.Length; i++)
            {
                json.WritePropertyName(columns[i]);
                // JSON has no word for infinity.
                if (row[i] is double number && !double.IsFinite(number)) json.WriteNullValue();
                else JsonSerializer.Serialize(json, row[i]);
            }
            json.WriteEndObject();
            if (json.BytesPending > 1 << 16) json.Flush();
        }
        json.WriteEndArray();
        json.Flush();
        stdout.Write("\n"u8);
    }
}
