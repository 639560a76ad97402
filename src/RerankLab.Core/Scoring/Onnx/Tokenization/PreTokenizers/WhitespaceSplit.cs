using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Splits at white space, which is dropped (Hugging Face's WhitespaceSplit).</summary>
sealed class WhitespaceSplit(ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        int start = 0;
        // White space is in the first plane.
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && !CharacterClasses.Is(text[at], CharacterClass.Space)) continue;
            if (at > start) next.Append(text[start..at], atStart && start == 0, ids);
            start = at + 1;
        }
    }
}
