using System.Text.Json;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// How a model's special tokens stand around a pair, e.g. <c>[CLS] $A [SEP] $B:1 [SEP]:1</c> (the "post_processor" of a
/// tokenizer.json; ":1" is the token type).
/// </summary>
/// <param name="Before">Ids before the query.</param>
/// <param name="Between">Ids between query and passage.</param>
/// <param name="After">Ids after the passage.</param>
/// <param name="TypeOneFrom">How many of the ids between the texts have type 0; null where the passage has type 0 too.</param>
/// <param name="Text">The template as written above.</param>
public sealed record PairTemplate(int[] Before, int[] Between, int[] After, int? TypeOneFrom, string Text)
{
    /// <summary>Special tokens of a pair.</summary>
    public int SpecialTokens => Before.Length + Between.Length + After.Length;

    /// <summary>Puts the ids of both texts in their places.</summary>
    /// <param name="query">Ids of the query, truncated.</param>
    /// <param name="passage">Ids of the passage, truncated.</param>
    /// <param name="tokens">The pair's length before truncation.</param>
    public EncodedPair Assemble(ReadOnlySpan<int> query, ReadOnlySpan<int> passage, int tokens)
    {
        int[] ids = [.. Before, .. query, .. Between, .. passage, .. After];
        return new EncodedPair(ids, TypeOneFrom is { } zeros ? Before.Length + query.Length + zeros : ids.Length, tokens);
    }

    /// <summary>The template of a BERT model without a tokenizer.json.</summary>
    public static PairTemplate Bert(int classId, int separatorId) =>
        new([classId], [separatorId], [separatorId], 1, "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1");

    /// <summary>
    /// Reads the "post_processor": TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel (which adds nothing),
    /// a Sequence of them, or none.
    /// </summary>
    /// <exception cref="InvalidDataException">Another kind, or a template that no cross-encoder has.</exception>
    public static PairTemplate Read(JsonElement processor)
    {
        switch (TokenizerJson.TypeOf(processor))
        {
            case null or "ByteLevel": return new PairTemplate([], [], [], 0, "$A:0 $B:1");
            case "BertProcessing":
                return Bert(processor.GetProperty("cls")[1].GetInt32(), processor.GetProperty("sep")[1].GetInt32());
            case "RobertaProcessing":
                int start = processor.GetProperty("cls")[1].GetInt32(), end = processor.GetProperty("sep")[1].GetInt32();
                return new PairTemplate([start], [end, end], [end], null, "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0");
            case "TemplateProcessing": return ReadTemplate(processor);
            case "Sequence":
                // Of several, one adds the special tokens.
                var adding = processor.GetProperty("processors").EnumerateArray().Select(Read).Where(t => t.SpecialTokens > 0).ToList();
                return adding.Count switch
                {
                    0 => Read(default),
                    1 => adding[0],
                    _ => throw new InvalidDataException("tokenizer.json: the post_processor adds special tokens twice"),
                };
            case var other: throw TokenizerJson.Unknown("post_processor", other);
        }
    }

    static PairTemplate ReadTemplate(JsonElement processor)
    {
        var specials = processor.GetProperty("special_tokens");
        List<int> before = [], between = [], after = [];
        var (current, types, shown) = (before, new List<int>(), new List<string>());
        int zerosBetween = 0;
        foreach (var part in processor.GetProperty("pair").EnumerateArray())
        {
            bool isText = part.TryGetProperty("Sequence", out var content);
            if (!isText) content = part.GetProperty("SpecialToken");
            var (name, type) = (content.GetProperty("id").GetString()!, content.GetProperty("type_id").GetInt32());
            shown.Add($"{(isText ? "$" : "")}{name}:{type}");
            types.Add(type);
            if (isText) current = (name, current == before, current == between) switch
            {
                ("A", true, _) => between,
                ("B", _, true) => after,
                _ => throw Unfit(),
            };
            else
            {
                foreach (var id in specials.GetProperty(name).GetProperty("ids").EnumerateArray()) current.Add(id.GetInt32());
                if (current == between && type == 0) zerosBetween = between.Count;
            }
        }
        // Types may only rise, from 0 to 1 and between the texts.
        int queryType = types[shown.FindIndex(s => s.StartsWith("$A", StringComparison.Ordinal))];
        if (current != after || queryType != 0 || types.Any(t => t is not (0 or 1)) || types.Zip(types.Skip(1)).Any(t => t.First > t.Second))
            throw Unfit();
        bool typed = types[^1] == 1;
        if (typed && types[shown.FindIndex(s => s.StartsWith("$B", StringComparison.Ordinal))] == 0) throw Unfit();
        return new PairTemplate([.. before], [.. between], [.. after], typed ? zerosBetween : null, string.Join(' ', shown));

        InvalidDataException Unfit() => new($"tokenizer.json: the pair template '{string.Join(' ', shown)}' is none that rlab knows; " +
                                            "expected the query before the passage, types 0 and then 1 at most");
    }
}
