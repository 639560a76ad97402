using System.Globalization;
using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>Splits at white space, which is dropped, and around each punctuation character (Hugging Face's BertPreTokenizer).</summary>
sealed class BertPreTokenizer(ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        int start = 0, at = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out int length);
            bool space = Rune.IsWhiteSpace(rune), punctuation = IsPunctuation(rune);
            if (space || punctuation)
            {
                if (at > start) next.Append(text[start..at], atStart && start == 0, ids);
                if (punctuation) next.Append(text.Slice(at, length), atStart && at == 0, ids);
                start = at + length;
            }
            at += length;
        }
        if (at > start) next.Append(text[start..at], atStart && start == 0, ids);
    }

    /// <summary>ASCII symbols count as punctuation, as in BERT's own code; elsewhere Unicode's P categories.</summary>
    static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;
}
