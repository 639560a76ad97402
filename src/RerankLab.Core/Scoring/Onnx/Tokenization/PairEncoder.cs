using System.Runtime.InteropServices;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>A pair as token ids.</summary>
/// <param name="Ids">Ids, special tokens included, truncated, not padded.</param>
/// <param name="TypeOneFrom">From here on the token type is 1, before it 0.</param>
/// <param name="Tokens">The length before truncation.</param>
public sealed record EncodedPair(int[] Ids, int TypeOneFrom, int Tokens) : PreparedPair(Tokens, Ids.Length);

/// <summary>Turns two texts into the ids that a cross-encoder was trained on.</summary>
public sealed class PairEncoder
{
    readonly TextTokenizer _texts;
    readonly PairTemplate _template;
    readonly bool _keepEnds;
    readonly int _budget;
    readonly Truncation _truncation;

    /// <summary>Loads a tokenizer.</summary>
    /// <param name="file">The tokenizer's files.</param>
    /// <param name="maxLength">Tokens a pair, special ones included.</param>
    /// <param name="truncation">How longer pairs are cut.</param>
    /// <exception cref="UserError">The vocabulary is damaged.</exception>
    public PairEncoder(TokenizerFile file, int maxLength, Truncation truncation)
    {
        (_texts, _template, _keepEnds) = (file.Load(), file.Template, file.TruncatesLeft);
        (_budget, _truncation) = (maxLength - file.Template.SpecialTokens, truncation);
    }

    /// <summary>May be called from several threads.</summary>
    public EncodedPair Encode(string query, string passage)
    {
        var (queryIds, passageIds) = (new List<int>(query.Length / 2 + 4), new List<int>(passage.Length / 3 + 4));
        _texts.Encode(query, queryIds);
        _texts.Encode(passage, passageIds);
        var (queryLength, passageLength) = _truncation.Cut(queryIds.Count, passageIds.Count, _budget);
        return _template.Assemble(Kept(queryIds, queryLength), Kept(passageIds, passageLength),
            queryIds.Count + passageIds.Count + _template.SpecialTokens);
    }

    ReadOnlySpan<int> Kept(List<int> ids, int length)
    {
        ReadOnlySpan<int> all = CollectionsMarshal.AsSpan(ids);
        return _keepEnds ? all[^length..] : all[..length];
    }
}
