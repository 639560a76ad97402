using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RerankLab.Core.Datasets;

/// <summary>One line of a JSON lines file.</summary>
static class JsonLine
{
    /// <exception cref="FormatException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new FormatException($"broken JSON: {Reason(e)}");
        }
    }

    /// <summary>A string under a key.</summary>
    /// <exception cref="FormatException">The key is missing or holds something else.</exception>
    public static string Text(JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out var value)) throw new FormatException($"the key \"{key}\" is missing");
        return AsText(value, key) ?? throw new FormatException($"expected a string as \"{key}\", found {value.ValueKind}");
    }

    /// <summary>A string under a key, as it stands in the line if nothing in it is escaped.</summary>
    /// <exception cref="FormatException">The key is missing or holds something else.</exception>
    public static LineText Text(JsonElement element, string key, Utf8Line line) =>
        element.TryGetProperty(key, out var value) && Verbatim(value, line) is { } text ? text
            : LineText.Made(Encoding.UTF8.GetBytes(Text(element, key)));

    /// <summary>An id, written as a string or as an integer; null where the key is absent.</summary>
    /// <exception cref="FormatException">The key holds something else.</exception>
    public static LineText? OptionalId(JsonElement element, string key, Utf8Line line)
    {
        if (!element.TryGetProperty(key, out var value)) return null;
        var id = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? line.Text(JsonMarshal.GetRawUtf8Value(value))
            : Verbatim(value, line) ?? LineText.Made(Encoding.UTF8.GetBytes(AsText(value, key) ?? ""));
        return id.Utf8.IsEmpty ? throw new FormatException($"expected a non-empty string as \"{key}\", found {value.GetRawText()}") : id;
    }

    /// <summary>
    /// A string that stands in the line as it is: texts are most of a file. Null for other values, and where something is escaped.
    /// </summary>
    static LineText? Verbatim(JsonElement value, Utf8Line line) =>
        value.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(value) is var quoted && !quoted.Contains((byte)'\\')
            ? line.Text(quoted[1..^1]) : null;

    static string? AsText(JsonElement value, string key)
    {
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"\"{key}\" holds an unpaired surrogate (\\ud800…\\udfff), which is no text");
        }
    }

    /// <summary>The parser's message without its own position, which counts within the line from 0.</summary>
    static string Reason(JsonException e) =>
        e.Message.Split(" LineNumber:", 2)[0] + (e.BytePositionInLine is { } at ? $" At byte {at + 1} of the line." : "");
}
