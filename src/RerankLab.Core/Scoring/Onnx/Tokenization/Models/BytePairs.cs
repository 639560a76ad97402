using Microsoft.ML.Tokenizers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// Byte-level byte pair encoding. Microsoft.ML.Tokenizers' own is exact once texts are split as Hugging Face splits them.
/// </summary>
sealed class BytePairs(BpeTokenizer bytePairs) : ITokenizerStage
{
    /// <param name="vocabulary">Ids by token, each byte written as GPT-2 writes it.</param>
    /// <param name="merges">Pairs of tokens with a space between, the first to be merged first.</param>
    public static BytePairs Of(IEnumerable<KeyValuePair<string, int>> vocabulary, IEnumerable<string> merges) =>
        new(BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges, ByteLevel = true }));

    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids) =>
        ids.AddRange(bytePairs.EncodeToIds(text, considerPreTokenization: false, considerNormalization: false));
}
