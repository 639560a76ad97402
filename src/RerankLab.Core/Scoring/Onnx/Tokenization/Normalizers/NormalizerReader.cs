using System.Text.Json;
using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;

/// <summary>Reads the "normalizer" of a tokenizer.json.</summary>
static class NormalizerReader
{
    /// <exception cref="InvalidDataException">A kind that rlab does not know.</exception>
    public static TextNormalizer? Read(JsonElement normalizer)
    {
        switch (TokenizerJson.TypeOf(normalizer))
        {
            case null: return null;
            case "BertNormalizer": return new BertNormalizer(ReadBertOptions(normalizer)).Normalize;
            case "NFC": return Normalization.Nfc;
            case "NFD": return Normalization.Nfd;
            case "NFKC": return Normalization.Nfkc;
            case "NFKD": return Normalization.Nfkd;
            case "Lowercase": return LowerCase.Of;
            case "StripAccents": return text => Filtering.Without(text, CharacterClass.Mark);
            case "Strip": return ReadStrip(normalizer);
            case "Replace": return ReadReplace(normalizer);
            case "Precompiled":
                return TokenizerJson.Text(normalizer, "precompiled_charsmap") is { Length: > 0 } charsmap ? Charsmap.Parse(charsmap).Normalize : null;
            case "Sequence":
                return normalizer.GetProperty("normalizers").EnumerateArray().Select(Read).OfType<TextNormalizer>()
                    .Aggregate((TextNormalizer?)null, (first, next) => first is null ? next : text => next(first(text)));
            case var other: throw TokenizerJson.Unknown("normalizer", other);
        }
    }

    static BertNormalizerOptions ReadBertOptions(JsonElement normalizer)
    {
        bool lowercase = TokenizerJson.Flag(normalizer, "lowercase") ?? true;
        return new BertNormalizerOptions(
            CleanText: TokenizerJson.Flag(normalizer, "clean_text") ?? true,
            SpaceChineseCharacters: TokenizerJson.Flag(normalizer, "handle_chinese_chars") ?? true,
            StripAccents: TokenizerJson.Flag(normalizer, "strip_accents") ?? lowercase,
            Lowercase: lowercase);
    }

    static TextNormalizer ReadStrip(JsonElement strip)
    {
        var (left, right) = (TokenizerJson.Flag(strip, "strip_left") ?? true, TokenizerJson.Flag(strip, "strip_right") ?? true);
        return text =>
        {
            int start = 0, end = text.Length;
            while (left && start < end && CharacterClasses.Is(text[start], CharacterClass.Space)) start++;
            while (right && end > start && CharacterClasses.Is(text[end - 1], CharacterClass.Space)) end--;
            return text[start..end];
        };
    }

    /// <summary>A literal, or the one regular expression that tokenizers have here: two spaces or more become one.</summary>
    static TextNormalizer ReadReplace(JsonElement replace)
    {
        var (pattern, content) = (replace.GetProperty("pattern"), replace.GetProperty("content").GetString()!);
        if (TokenizerJson.Text(pattern, "String") is { Length: > 0 } literal) return text => text.Replace(literal, content, StringComparison.Ordinal);
        return TokenizerJson.Text(pattern, "Regex") == " {2,}" ? text => Filtering.SpacesReplaced(text, content)
            : throw TokenizerJson.Unknown("normalizer's Replace pattern", pattern.GetRawText());
    }
}
