namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>Rewrites a text before it is split (Hugging Face's "normalizer"). May be called from several threads.</summary>
delegate string TextNormalizer(string text);

/// <summary>
/// A pre-tokeniser, which splits a piece of text and hands the pieces on to the next stage, or the model, which is the
/// last stage and appends their ids. May be called from several threads.
/// </summary>
interface ITokenizerStage
{
    /// <param name="text">A piece of a normalised text, well-formed UTF-16.</param>
    /// <param name="atStart">Whether it is the beginning of the whole text.</param>
    /// <param name="ids">Receives the ids.</param>
    void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids);
}

/// <summary>
/// Turns a text into ids, special tokens of a template not included. The order of Hugging Face's tokenizers 0.22: added
/// tokens that are matched as they stand are cut out, what lies between is normalised, added tokens that are matched in
/// normalised text are cut out of that, and the rest goes through the stages.
/// </summary>
sealed class TextTokenizer
{
    readonly AddedTokens _asTheyStand, _inNormalized;
    readonly TextNormalizer? _normalizer;
    readonly ITokenizerStage _stages;

    /// <param name="added">Added tokens.</param>
    /// <param name="normalizer">Null where the text is taken as it is.</param>
    /// <param name="stages">Pre-tokenisers and model.</param>
    public TextTokenizer(IReadOnlyCollection<AddedToken> added, TextNormalizer? normalizer, ITokenizerStage stages)
    {
        (_normalizer, _stages) = (normalizer, stages);
        _asTheyStand = new AddedTokens(added.Where(t => !t.Normalized));
        // They are looked for as they look once normalised themselves.
        _inNormalized = new AddedTokens(added.Where(t => t.Normalized).Select(t => normalizer is null ? t : t with { Content = normalizer(t.Content) }));
    }

    /// <summary>Appends the ids of a text. May be called from several threads.</summary>
    public void Encode(string text, List<int> ids)
    {
        foreach (var part in _asTheyStand.Split(text))
        {
            if (part.TokenId is { } id)
            {
                ids.Add(id);
                continue;
            }
            var piece = part.Length == text.Length ? text : text.Substring(part.Start, part.Length);
            EncodeBetween(_normalizer?.Invoke(piece) ?? piece, part.Start == 0, ids);
        }
    }

    void EncodeBetween(string normalized, bool atStart, List<int> ids)
    {
        foreach (var part in _inNormalized.Split(normalized))
            if (part.TokenId is { } id) ids.Add(id);
            else _stages.Append(normalized.AsSpan(part.Start, part.Length), atStart && part.Start == 0, ids);
    }
}
