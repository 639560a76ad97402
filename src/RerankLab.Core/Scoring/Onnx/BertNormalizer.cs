using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>The switches of Hugging Face's BertNormalizer.</summary>
public sealed record BertNormalizerOptions(bool CleanText, bool SpaceChineseCharacters, bool StripAccents, bool Lowercase);

/// <summary>
/// Text cleaning as in Hugging Face's BertNormalizer (tokenizers 0.22), which Microsoft.ML.Tokenizers' own BERT normaliser
/// is not: it deletes newlines and some symbols. Decomposition still comes from the machine's ICU.
/// </summary>
sealed class BertNormalizer(BertNormalizerOptions options) : Normalizer
{
    public override string Normalize(string original) => Normalize(original.AsSpan());

    public override string Normalize(ReadOnlySpan<char> original)
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

/// <summary>Splits at white space, which is dropped, and around each punctuation character (Hugging Face's BertPreTokenizer).</summary>
sealed class BertPreTokenizer : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        int start = 0, at = 0;
        while (at < text.Length)
        {
            int length = Rune.TryGetRuneAt(text, at, out var rune) ? rune.Utf16SequenceLength : 1;
            bool space = Rune.IsWhiteSpace(rune), punctuation = IsPunctuation(rune);
            if (space || punctuation)
            {
                if (at > start) yield return (start, at - start);
                if (punctuation) yield return (at, length);
                start = at + length;
            }
            at += length;
        }
        if (at > start) yield return (start, at - start);
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    /// <summary>ASCII symbols count as punctuation, as in BERT's own code; elsewhere Unicode's P categories.</summary>
    static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;
}
