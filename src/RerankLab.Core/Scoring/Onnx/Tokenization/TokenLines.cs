using System.Text.Json;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// Token ids for other programs: pairs as JSON lines <c>{"query", "passage"}</c> in, <c>{"input_ids", "token_type_ids",
/// "truncated"}</c> out, a line for a line.
/// </summary>
public static class TokenLines
{
    /// <param name="pairs">The pairs.</param>
    /// <param name="encoder">Makes the ids.</param>
    /// <param name="withTypes">Whether the model takes token types; else they are null.</param>
    /// <param name="output">Receives the lines.</param>
    /// <exception cref="UserError">A line is no pair; those before it were written.</exception>
    public static void Write(DataFile pairs, PairEncoder encoder, bool withTypes, Stream output)
    {
        var problems = new Problems();
        using var lines = Utf8Lines.Open(pairs, problems);
        using var json = new Utf8JsonWriter(output);
        while (lines is not null && problems.None && lines.Read(out var line))
        {
            if (Fields.IsBlank(line)) continue;
            try
            {
                using var document = JsonLine.Parse(lines.Line.Utf8);
                var pair = encoder.Encode(JsonLine.Text(document.RootElement, "query"), JsonLine.Text(document.RootElement, "passage"));
                Write(json, pair, withTypes);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException)
            {
                problems.Add(pairs.Shown, lines.Number, $"{e.Message}; expected {{\"query\": \"…\", \"passage\": \"…\"}}");
                continue;
            }
            catch (UserError e)
            {
                problems.Add(pairs.Shown, lines.Number, e.Message);
                continue;
            }
            json.Flush();
            json.Reset();
            output.WriteByte((byte)'\n');
        }
        problems.ThrowIfAny();
    }

    static void Write(Utf8JsonWriter json, EncodedPair pair, bool withTypes)
    {
        json.WriteStartObject();
        json.WriteStartArray("input_ids");
        foreach (int id in pair.Ids) json.WriteNumberValue(id);
        json.WriteEndArray();
        if (withTypes)
        {
            json.WriteStartArray("token_type_ids");
            for (int i = 0; i < pair.Ids.Length; i++) json.WriteNumberValue(i < pair.TypeOneFrom ? 0 : 1);
            json.WriteEndArray();
        }
        else json.WriteNull("token_type_ids");
        json.WriteBoolean("truncated", pair.Tokens > pair.Length);
        json.WriteEndObject();
    }
}
