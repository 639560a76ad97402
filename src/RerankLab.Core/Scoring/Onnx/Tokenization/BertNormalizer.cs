using System.Globalization;
using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>The switches of Hugging Face's BertNormalizer.</summary>
sealed record BertNormalizerOptions(bool CleanText, bool SpaceChineseCharacters, bool StripAccents, bool Lowercase);

/// <summary>
/// Text cleaning as in Hugging Face's BertNormalizer (tokenizers 0.22), which Microsoft.ML.Tokenizers' own BERT normaliser
/// is not: it deletes newlines and some symbols. Decomposition still comes from the machine's ICU.
/// </summary>
sealed class BertNormalizer(BertNormalizerOptions options) : ITextNormalizer
{
    public string Normalize(string original)
    {
        var text = new StringBuilder(original.Length + 16);
        foreach (var rune in original.EnumerateRunes()) AppendCleaned(text, rune);
        var cleaned = text.ToString();
        if (options.StripAccents && !Ascii.IsValid(cleaned)) cleaned = WithoutAccents(cleaned);
        return options.Lowercase ? Lowercased(cleaned) : cleaned;
    }

    void AppendCleaned(StringBuilder text, Rune rune)
    {
        if (options.CleanText)
        {
            // Control characters go first, U+000B, U+000C and U+0085 among them, which are white space as well.
            if (rune.Value is 0 or 0xFFFD || (rune.Value is not ('\t' or '\n' or '\r') && IsOther(rune))) return;
            if (Rune.IsWhiteSpace(rune)) rune = new Rune(' ');
        }
        if (options.SpaceChineseCharacters && IsChinese(rune.Value)) text.Append(' ').Append(rune).Append(' ');
        else text.Append(rune);
    }

    static string WithoutAccents(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormD).EnumerateRunes())
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) kept.Append(rune);
        return kept.ToString();
    }

    /// <summary>Lower case by the full mapping of Unicode: only U+0130 grows, into two characters.</summary>
    static string Lowercased(string text) => text.Replace("\u0130", "i\u0307").ToLowerInvariant();

    /// <summary>Cc, Cf and Co; code points that are not assigned stay.</summary>
    static bool IsOther(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    static bool IsChinese(int codePoint) => codePoint is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
