using System.Text.Json;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>Reads the "model" of a tokenizer.json.</summary>
static class ModelReader
{
    /// <summary>Which of Hugging Face's models it is; older files leave the type out, and WordPiece is told by its own setting.</summary>
    /// <exception cref="InvalidDataException">A kind that rlab does not know.</exception>
    public static string TypeOf(JsonElement model) => TokenizerJson.TypeOf(model)
        ?? (model.TryGetProperty("max_input_chars_per_word", out _) ? "WordPiece" : throw TokenizerJson.Unknown("model", null));

    /// <summary>Looks at everything but the vocabulary: fails as <see cref="Read"/> would, and sooner.</summary>
    /// <param name="model">The part.</param>
    /// <param name="byteLevel">Whether texts come split by a ByteLevel pre-tokeniser.</param>
    /// <exception cref="InvalidDataException">A kind or a setting that rlab does not know.</exception>
    public static void Check(JsonElement model, bool byteLevel)
    {
        switch (TypeOf(model))
        {
            case "WordPiece": UnknownId(model); break;
            case "Unigram":
                if (TokenizerJson.Flag(model, "byte_fallback") == true) throw Unsupported("byte_fallback of Unigram");
                if (TokenizerJson.Number(model, "unk_id") is not { } unknown || unknown < 0 || unknown >= model.GetProperty("vocab").GetArrayLength())
                    throw new InvalidDataException("tokenizer.json: the vocabulary lacks its unknown token (unk_id)");
                break;
            case "BPE":
                foreach (var flag in (string[])["byte_fallback", "ignore_merges"])
                    if (TokenizerJson.Flag(model, flag) == true) throw Unsupported($"{flag} of BPE");
                foreach (var affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
                    if (TokenizerJson.Text(model, affix) is { Length: > 0 }) throw Unsupported($"{affix} of BPE");
                if (TokenizerJson.Part(model, "dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() > 0)
                    throw Unsupported("dropout of BPE");
                if (!byteLevel) throw Unsupported("BPE that is not byte-level");
                return;
            case var other: throw TokenizerJson.Unknown("model", other);
        }
        if (byteLevel) throw Unsupported($"ByteLevel before {TypeOf(model)}");
    }

    /// <summary>Makes the model.</summary>
    /// <returns>The model, the ids of its vocabulary, and how many tokens that lists.</returns>
    /// <exception cref="InvalidDataException">The vocabulary is damaged.</exception>
    public static (ITokenizerStage Model, IReadOnlyDictionary<string, int> Ids, int Size) Read(JsonElement model)
    {
        var vocabulary = model.GetProperty("vocab");
        var ids = vocabulary.ValueKind == JsonValueKind.Array ? [] : vocabulary.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32());
        switch (TypeOf(model))
        {
            case "WordPiece":
                return (new WordPiece(ids, UnknownId(model), TokenizerJson.Text(model, "continuing_subword_prefix") ?? "##",
                    TokenizerJson.Number(model, "max_input_chars_per_word") ?? 100), ids, ids.Count);
            case "Unigram":
                var scores = new double[vocabulary.GetArrayLength()];
                foreach (var (id, piece) in vocabulary.EnumerateArray().Index())
                {
                    // Of equal pieces the last counts.
                    ids[piece[0].GetString()!] = id;
                    scores[id] = piece[1].GetDouble();
                }
                return (new WordMemo(new Unigram(ids, scores, TokenizerJson.Number(model, "unk_id")!.Value)), ids, scores.Length);
            default:
                return (new WordMemo(BytePairs.Of(ids, model.GetProperty("merges").EnumerateArray().Select(Merge),
                    TokenizerJson.Text(model, "unk_token"), TokenizerJson.Flag(model, "fuse_unk") ?? false)), ids, ids.Count);
        }
    }

    /// <summary>Older files write "a b", newer ones ["a", "b"].</summary>
    static string Merge(JsonElement merge) => merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!;

    static int UnknownId(JsonElement wordPiece)
    {
        var unknown = TokenizerJson.Text(wordPiece, "unk_token") ?? "[UNK]";
        return TokenizerJson.Number(wordPiece.GetProperty("vocab"), unknown)
               ?? throw new InvalidDataException($"tokenizer.json: the vocabulary lacks its unknown token {unknown}");
    }

    static InvalidDataException Unsupported(string what) => new($"tokenizer.json: {what} is none of the settings that rlab knows");
}
