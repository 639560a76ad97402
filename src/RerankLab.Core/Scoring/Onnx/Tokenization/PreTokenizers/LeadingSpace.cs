namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Puts a space before a text that has none ("add_prefix_space" of Hugging Face's ByteLevel).</summary>
sealed class LeadingSpace(ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids) =>
        next.Append(text.IsEmpty || text[0] == ' ' ? text : string.Concat(" ", text), atStart, ids);
}
