using System.Globalization;
using System.Text;
using System.Text.Json;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>
/// Scores that a script kept: one JSON object, <c>{"MD5 of query_passage in hex": score, …}</c>.
/// </summary>
/// <param name="Scores">Scores, or logits, by pair key.</param>
/// <param name="Saturated">With the sigmoid inverted: values of exactly 0 or 1, whose logits are not known.</param>
/// <param name="Rounded">Values that are no float32 and were rounded to one.</param>
public sealed record ScoreFile(IReadOnlyDictionary<PairKey, float> Scores, int Saturated, int Rounded)
{
    /// <summary>
    /// The logits that 1 and 0 are taken for: the least that a float32 sigmoid rounds to them (1 - 2^-25 and 2^-150), so that they rank
    /// above and below all others and give 1 and 0 again.
    /// </summary>
    public const float LogitOfOne = 17.328680f, LogitOfZero = -103.9721f;

    /// <param name="file">The file.</param>
    /// <param name="invertsSigmoid">Whether its values are sigmoids, to be turned into logits.</param>
    /// <param name="problems">Receives what is wrong with it: NaN, keys that are no MD5, values that do not fit.</param>
    public static ScoreFile Read(DataFile file, bool invertsSigmoid, Problems problems)
    {
        var (scores, saturated, rounded) = (new Dictionary<PairKey, float>(), 0, 0);
        if (ReadAll(file, problems) is not { } bytes) return new ScoreFile(scores, 0, 0);
        var reader = new Utf8JsonReader(bytes);
        string? key = null;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("no object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                key = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.Number) Add($"expected a number, found {Encoding.UTF8.GetString(reader.ValueSpan)}");
                else if (Key(key) is not { } pair) Add("expected the MD5 of query_passage, 32 hex digits");
                else if (Value(reader.GetDouble()) is { } value) scores[pair] = value;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) reader.Skip();
            }
            if (reader.Read()) throw new JsonException("more text after the object");
        }
        catch (JsonException e)
        {
            // As Python's json writes what JSON has no word for.
            var rest = bytes[(int)reader.BytesConsumed..].AsSpan().TrimStart(" :\n\r\t"u8);
            var word = rest.StartsWith("NaN"u8) ? "NaN"
                : rest.StartsWith("Infinity"u8) ? "Infinity"
                : rest.StartsWith("-Infinity"u8) ? "-Infinity" : null;
            if (word is not null && key is not null) Add($"{word} is no score");
            else problems.Add(file.Shown, null, $"expected one JSON object, {{\"MD5\": score, …}}: {e.Message}");
        }
        return new ScoreFile(scores, saturated, rounded);

        void Add(string text) => problems.Add(file.Shown, null, $"key {key}: {text}");

        float? Value(double value)
        {
            if (!invertsSigmoid)
            {
                if (!float.IsFinite((float)value)) Add($"{value} does not fit float32");
                else if ((float)value != value) rounded++;
                return float.IsFinite((float)value) ? (float)value + 0f : null;
            }
            if (value is < 0 or > 1) Add($"{value} is no sigmoid (0 to 1); without --inverse-sigmoid values are taken as they are");
            if (value is 0 or 1) saturated++;
            return value switch
            {
                < 0 or > 1 => null,
                0 => LogitOfZero,
                1 => LogitOfOne,
                _ => (float)(Math.Log(value) - Math.Log(1 - value)) + 0f,
            };
        }
    }

    static PairKey? Key(string hex) =>
        hex.Length == 2 * PairKey.Size && UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key)
            ? new PairKey(key) : null;

    static byte[]? ReadAll(DataFile file, Problems problems)
    {
        try
        {
            using var stream = file.OpenRead();
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            var bytes = memory.ToArray();
            return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.ReportUnreadable(e, problems);
            return null;
        }
    }
}
