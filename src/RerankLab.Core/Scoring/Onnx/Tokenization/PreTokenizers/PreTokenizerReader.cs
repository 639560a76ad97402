using System.Text.Json;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Reads the "pre_tokenizer" of a tokenizer.json.</summary>
static class PreTokenizerReader
{
    /// <param name="preTokenizer">The part; undefined where there is none.</param>
    /// <param name="next">What follows it.</param>
    /// <returns>The first stage.</returns>
    /// <exception cref="InvalidDataException">A kind that rlab does not know.</exception>
    public static ITokenizerStage Read(JsonElement preTokenizer, ITokenizerStage next) => TokenizerJson.TypeOf(preTokenizer) switch
    {
        null => next,
        "BertPreTokenizer" => Bert(next),
        "WhitespaceSplit" => new WhitespaceSplit(next),
        "Punctuation" => TokenizerJson.Text(preTokenizer, "behavior") is null or "Isolated" ? new Punctuation(next) : throw Unknown(preTokenizer),
        "Metaspace" => ReadMetaspace(preTokenizer, next),
        "ByteLevel" => ReadByteLevel(preTokenizer, next),
        "Split" => ReadSplit(preTokenizer, next),
        // The first of a sequence splits first.
        "Sequence" => preTokenizer.GetProperty("pretokenizers").EnumerateArray().Reverse().Aggregate(next, (after, part) => Read(part, after)),
        var other => throw TokenizerJson.Unknown("pre_tokenizer", other),
    };

    /// <summary>BERT's own: words between white space, and each punctuation character alone.</summary>
    public static ITokenizerStage Bert(ITokenizerStage next) => new WhitespaceSplit(new Punctuation(next));

    /// <summary>Whether a ByteLevel is in it: the model then works on bytes.</summary>
    public static bool IsByteLevel(JsonElement preTokenizer) => Any(preTokenizer, part => TokenizerJson.TypeOf(part) == "ByteLevel");

    /// <summary>Whether it treats the beginning of a whole text otherwise than what follows an added token.</summary>
    public static bool AsksForTheStart(JsonElement preTokenizer) => Any(preTokenizer, part => TokenizerJson.Text(part, "prepend_scheme") == "first");

    static bool Any(JsonElement preTokenizer, Func<JsonElement, bool> condition) => TokenizerJson.TypeOf(preTokenizer) switch
    {
        null => false,
        "Sequence" => preTokenizer.GetProperty("pretokenizers").EnumerateArray().Any(part => Any(part, condition)),
        _ => condition(preTokenizer),
    };

    static Metaspace ReadMetaspace(JsonElement metaspace, ITokenizerStage next)
    {
        // Files of before tokenizers 0.14 have add_prefix_space instead of prepend_scheme.
        var prefix = TokenizerJson.Flag(metaspace, "add_prefix_space") == false ? SpacePrefix.Never : TokenizerJson.Text(metaspace, "prepend_scheme") switch
        {
            null or "always" => SpacePrefix.Always,
            "first" => SpacePrefix.First,
            "never" => SpacePrefix.Never,
            _ => throw Unknown(metaspace),
        };
        return TokenizerJson.Text(metaspace, "replacement") is { Length: 1 } replacement
            ? new Metaspace(replacement[0], prefix, TokenizerJson.Flag(metaspace, "split") ?? true, next)
            : throw Unknown(metaspace);
    }

    static ITokenizerStage ReadByteLevel(JsonElement byteLevel, ITokenizerStage next)
    {
        var split = TokenizerJson.Flag(byteLevel, "use_regex") ?? true ? GptSplit.Of(GptSplit.Gpt2Pattern, next)! : next;
        return TokenizerJson.Flag(byteLevel, "add_prefix_space") ?? true ? new LeadingSpace(split) : split;
    }

    static GptSplit ReadSplit(JsonElement split, ITokenizerStage next) =>
        TokenizerJson.Text(split, "behavior") == "Isolated" && TokenizerJson.Flag(split, "invert") is null or false
        && TokenizerJson.Text(split.GetProperty("pattern"), "Regex") is { } pattern && GptSplit.Of(pattern, next) is { } known
            ? known
            : throw Unknown(split);

    static InvalidDataException Unknown(JsonElement part) => TokenizerJson.Unknown("pre_tokenizer", part.GetRawText());
}
