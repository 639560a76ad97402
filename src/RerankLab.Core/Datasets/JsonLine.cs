using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RerankLab.Core.Datasets;

/// <summary>One line of a JSON lines file.</summary>
static class JsonLine
{
    public static bool TryParse(ReadOnlySpan<byte> line, DataFile file, long number, Problems problems,
        [NotNullWhen(true)] out JsonDocument? document)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            document = JsonDocument.ParseValue(ref reader);
            if (reader.Read()) throw new JsonException("more text after the JSON value");
            return true;
        }
        catch (JsonException e)
        {
            document = null;
            problems.Add(file.Shown, number, $"broken JSON: {Reason(e)}");
            return false;
        }
    }

    /// <summary>A string under a key.</summary>
    /// <exception cref="FormatException">The key is missing or holds something else.</exception>
    public static string Text(JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out var value)) throw new FormatException($"the key \"{key}\" is missing");
        return AsText(value, key) ?? throw new FormatException($"expected a string as \"{key}\", found {value.ValueKind}");
    }

    /// <summary>A string under a key, as UTF-8.</summary>
    /// <exception cref="FormatException">The key is missing or holds something else.</exception>
    public static ReadOnlySpan<byte> Utf8Text(JsonElement element, string key)
    {
        // Texts are most of a file: as long as nothing in them is escaped, they stand in the line as they are.
        if (element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            && JsonMarshal.GetRawUtf8Value(value) is var quoted && !quoted.Contains((byte)'\\'))
            return quoted[1..^1];
        return Encoding.UTF8.GetBytes(Text(element, key));
    }

    /// <summary>An id, written as a string or as an integer; null where the key is absent.</summary>
    /// <exception cref="FormatException">The key holds something else.</exception>
    public static string? OptionalId(JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out var value)) return null;
        var id = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _) ? value.GetRawText() : AsText(value, key);
        return string.IsNullOrEmpty(id) ? throw new FormatException($"expected a non-empty string as \"{key}\", found {value.GetRawText()}") : id;
    }

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
