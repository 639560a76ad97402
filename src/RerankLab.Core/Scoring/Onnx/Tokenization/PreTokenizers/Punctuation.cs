using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Splits around each punctuation character (Hugging Face's Punctuation, "Isolated").</summary>
sealed class Punctuation(ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        int start = 0;
        for (int at = 0, length; at < text.Length; at += length)
        {
            if (!Is(CharacterClasses.At(text, at, out length))) continue;
            if (at > start) next.Append(text[start..at], atStart && start == 0, ids);
            next.Append(text.Slice(at, length), atStart && at == 0, ids);
            start = at + length;
        }
        if (text.Length > start) next.Append(text[start..], atStart && start == 0, ids);
    }

    /// <summary>ASCII symbols count as punctuation, as in BERT's own code; elsewhere Unicode's P categories.</summary>
    public static bool Is(int code) => code < 128
        ? code is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : CharacterClasses.Is(code, CharacterClass.Punctuation);
}
