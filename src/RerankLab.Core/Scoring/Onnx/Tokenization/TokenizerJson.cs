using System.Text.Json;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// Reads the parts of a tokenizer.json (Hugging Face's tokenizers 0.22). A part of a kind that rlab does not know is refused
/// by name, never guessed at.
/// </summary>
static class TokenizerJson
{
    /// <summary>What the tokenizer is called in the field.</summary>
    public static string Family(JsonElement root) => ModelType(root.GetProperty("model")) switch
    {
        "BPE" => "byte-level BPE",
        var type => type,
    };

    /// <summary>Makes the tokenizer, its vocabulary included.</summary>
    /// <exception cref="InvalidDataException">A part is of a kind that rlab does not know, or damaged.</exception>
    public static TextTokenizer Load(JsonElement root)
    {
        var added = ReadAddedTokens(root);
        return new TextTokenizer(
            new AddedTokens([.. added.Where(t => !t.Normalized)]), new AddedTokens([.. added.Where(t => t.Normalized)]),
            ReadNormalizer(Part(root, "normalizer")), ReadPreTokenizer(Part(root, "pre_tokenizer"), ReadModel(root.GetProperty("model"))));
    }

    /// <summary>Looks at every part but the vocabulary: fails as <see cref="Load"/> would, and sooner.</summary>
    public static void Check(JsonElement root)
    {
        ReadNormalizer(Part(root, "normalizer"));
        ReadPreTokenizer(Part(root, "pre_tokenizer"), NoModel.Instance);
        var model = root.GetProperty("model");
        switch (ModelType(model))
        {
            case "WordPiece": UnknownId(model); break;
            case var other: throw Unknown("model", other);
        }
        ReadAddedTokens(root);
    }

    /// <summary>One more than the highest id.</summary>
    public static int VocabularySize(JsonElement root)
    {
        var vocabulary = root.GetProperty("model").GetProperty("vocab");
        int size = vocabulary.ValueKind == JsonValueKind.Array ? vocabulary.GetArrayLength()
            : vocabulary.EnumerateObject().Select(t => t.Value.GetInt32() + 1).DefaultIfEmpty().Max();
        return ReadAddedTokens(root).Select(t => t.Id + 1).Append(size).Max();
    }

    /// <summary>The id of the padding token: as named, else as the file's own "padding" says, else by the usual names; 0 where there is none.</summary>
    public static int PaddingId(JsonElement root, string? token)
    {
        var added = ReadAddedTokens(root);
        if (added.Find(t => t.Content == token) is { } named) return named.Id;
        if (Part(root, "padding") is { ValueKind: JsonValueKind.Object } padding && Number(padding, "pad_id") is { } id) return id;
        return added.Find(t => t.Content is "[PAD]" or "<pad>")?.Id ?? 0;
    }

    public static bool TruncatesLeft(JsonElement root) =>
        Part(root, "truncation") is { ValueKind: JsonValueKind.Object } truncation && Text(truncation, "direction") == "Left";

    public static ITextNormalizer? ReadNormalizer(JsonElement normalizer) => TypeOf(normalizer) switch
    {
        null => null,
        "BertNormalizer" => new BertNormalizer(ReadBertOptions(normalizer)),
        var other => throw Unknown("normalizer", other),
    };

    public static ITokenizerStage ReadPreTokenizer(JsonElement preTokenizer, ITokenizerStage next) => TypeOf(preTokenizer) switch
    {
        null => next,
        "BertPreTokenizer" => new BertPreTokenizer(next),
        // The first of a sequence splits first.
        "Sequence" => preTokenizer.GetProperty("pretokenizers").EnumerateArray().Reverse().Aggregate(next, (after, part) => ReadPreTokenizer(part, after)),
        var other => throw Unknown("pre_tokenizer", other),
    };

    static ITokenizerStage ReadModel(JsonElement model)
    {
        switch (ModelType(model))
        {
            case "WordPiece":
                var vocabulary = model.GetProperty("vocab").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32());
                return new WordPiece(vocabulary, UnknownId(model), Text(model, "continuing_subword_prefix") ?? "##", Number(model, "max_input_chars_per_word") ?? 100);
            case var other: throw Unknown("model", other);
        }
    }

    static int UnknownId(JsonElement wordPiece)
    {
        var unknown = Text(wordPiece, "unk_token") ?? "[UNK]";
        return Number(wordPiece.GetProperty("vocab"), unknown)
               ?? throw new InvalidDataException($"tokenizer.json: the vocabulary lacks its unknown token {unknown}");
    }

    static BertNormalizerOptions ReadBertOptions(JsonElement normalizer)
    {
        bool lowercase = Flag(normalizer, "lowercase") ?? true;
        return new BertNormalizerOptions(
            CleanText: Flag(normalizer, "clean_text") ?? true,
            SpaceChineseCharacters: Flag(normalizer, "handle_chinese_chars") ?? true,
            StripAccents: Flag(normalizer, "strip_accents") ?? lowercase,
            Lowercase: lowercase);
    }

    static List<AddedToken> ReadAddedTokens(JsonElement root) => Part(root, "added_tokens").ValueKind != JsonValueKind.Array ? [] :
        [.. root.GetProperty("added_tokens").EnumerateArray().Select(t => new AddedToken(
            t.GetProperty("content").GetString()!, t.GetProperty("id").GetInt32(), Flag(t, "single_word") ?? false,
            Flag(t, "lstrip") ?? false, Flag(t, "rstrip") ?? false, Flag(t, "normalized") ?? !(Flag(t, "special") ?? false)))];

    /// <summary>Older files leave the type out; WordPiece is told by its own setting.</summary>
    static string ModelType(JsonElement model) => TypeOf(model)
        ?? (model.TryGetProperty("max_input_chars_per_word", out _) ? "WordPiece" : throw Unknown("model", null));

    /// <summary>A part's "type"; null where the part is missing.</summary>
    public static string? TypeOf(JsonElement part) => part.ValueKind == JsonValueKind.Object ? Text(part, "type") : null;

    public static InvalidDataException Unknown(string part, string? type) =>
        new($"tokenizer.json: the {part} {(type is null ? "is missing" : $"'{type}' is none that rlab knows")}");

    /// <summary>A member; undefined where there is none.</summary>
    public static JsonElement Part(JsonElement parent, string name) => parent.TryGetProperty(name, out var part) ? part : default;

    public static string? Text(JsonElement parent, string name) => Part(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static bool? Flag(JsonElement parent, string name) =>
        Part(parent, name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static int? Number(JsonElement parent, string name) => Part(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;

    /// <summary>Stands where the vocabulary is not read.</summary>
    sealed class NoModel : ITokenizerStage
    {
        public static readonly NoModel Instance = new();

        public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids) => throw new InvalidOperationException("no vocabulary was read");
    }
}
