using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Splits at white space, which is dropped, and around each punctuation character (Hugging Face's BertPreTokenizer).</summary>
sealed class BertPreTokenizer(ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        int start = 0;
        for (int at = 0, length; at < text.Length; at += length)
        {
            int code = CharacterClasses.At(text, at, out length);
            bool space = CharacterClasses.Is(code, CharacterClass.Space), punctuation = !space && Punctuation.Is(code);
            if (!space && !punctuation) continue;
            if (at > start) next.Append(text[start..at], atStart && start == 0, ids);
            if (punctuation) next.Append(text.Slice(at, length), atStart && at == 0, ids);
            start = at + length;
        }
        if (text.Length > start) next.Append(text[start..], atStart && start == 0, ids);
    }
}
