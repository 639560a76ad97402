using Microsoft.ML.Tokenizers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// Byte-level byte pair encoding. Microsoft.ML.Tokenizers' own is exact once texts are split as Hugging Face splits them.
/// </summary>
sealed class BytePairs(BpeTokenizer bytePairs) : ITokenizerStage
{
    /// <param name="vocabulary">Ids by token, each byte written as GPT-2 writes it.</param>
    /// <param name="merges">Pairs of tokens with a space between, the first to be merged first.</param>
    /// <param name="unknown">Stands for a byte that the vocabulary lacks; without it such bytes vanish.</param>
    /// <param name="fuseUnknown">Whether unknown bytes side by side are one token.</param>
    public static BytePairs Of(IReadOnlyDictionary<string, int> vocabulary, IEnumerable<string> merges, string? unknown, bool fuseUnknown) =>
        new(BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = true,
            UnknownToken = unknown is not null && vocabulary.ContainsKey(unknown) ? unknown : null,
            FuseUnknownTokens = fuseUnknown,
        }));

    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids) =>
        ids.AddRange(bytePairs.EncodeToIds(text, considerPreTokenization: false, considerNormalization: false));
}
