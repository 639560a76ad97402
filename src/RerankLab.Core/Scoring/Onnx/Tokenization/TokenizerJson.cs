using System.Text.Json;
using RerankLab.Core.Scoring.Onnx.Tokenization.Models;
using RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;
using RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// Reads the parts of a tokenizer.json (Hugging Face's tokenizers 0.22). A part of a kind that rlab does not know is refused
/// by name, never guessed at.
/// </summary>
static class TokenizerJson
{
    /// <summary>What the tokenizer is called in the field.</summary>
    public static string Family(JsonElement root) => ModelReader.TypeOf(root.GetProperty("model")) switch
    {
        "BPE" => "byte-level BPE",
        var type => type,
    };

    /// <summary>Makes the tokenizer, its vocabulary included.</summary>
    /// <exception cref="InvalidDataException">A part is of a kind that rlab does not know, or damaged.</exception>
    public static TextTokenizer Load(JsonElement root)
    {
        var (model, ids, size) = ModelReader.Read(root.GetProperty("model"));
        return new TextTokenizer(
            Numbered(ReadAddedTokens(root), ids, size),
            NormalizerReader.Read(Part(root, "normalizer")),
            PreTokenizerReader.Read(Part(root, "pre_tokenizer"), model));
    }

    /// <summary>Looks at every part but the vocabulary: fails as <see cref="Load"/> would, and sooner.</summary>
    public static void Check(JsonElement root)
    {
        var (normalizer, preTokenizer) = (Part(root, "normalizer"), Part(root, "pre_tokenizer"));
        NormalizerReader.Read(normalizer);
        PreTokenizerReader.Read(preTokenizer, NoModel.Instance);
        // Whether a text is at its start is asked by what the normaliser has left of it, which ours do not tell.
        if (TypeOf(normalizer) is not null && PreTokenizerReader.AsksForTheStart(preTokenizer))
            throw Unknown("pre_tokenizer behind a normalizer", "Metaspace with prepend_scheme first");
        ModelReader.Check(root.GetProperty("model"), PreTokenizerReader.IsByteLevel(preTokenizer));
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

    /// <summary>
    /// Added tokens with the ids that Hugging Face gives them when it reads the file, whatever the file says: the vocabulary's,
    /// and from its size on where it lacks them.
    /// </summary>
    static List<AddedToken> Numbered(IEnumerable<AddedToken> tokens, IReadOnlyDictionary<string, int> ids, int next)
    {
        return [.. tokens.DistinctBy(t => t.Content).Select(t => t with { Id = ids.TryGetValue(t.Content, out int id) ? id : next++ })];
    }

    static List<AddedToken> ReadAddedTokens(JsonElement root) => Part(root, "added_tokens").ValueKind != JsonValueKind.Array ? [] :
        [.. root.GetProperty("added_tokens").EnumerateArray().Select(t => new AddedToken(
            t.GetProperty("content").GetString()!, t.GetProperty("id").GetInt32(), Flag(t, "single_word") ?? false,
            Flag(t, "lstrip") ?? false, Flag(t, "rstrip") ?? false, Flag(t, "normalized") ?? !(Flag(t, "special") ?? false)))];

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
