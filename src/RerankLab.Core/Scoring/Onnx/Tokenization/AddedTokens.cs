using System.Text.RegularExpressions;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>A token that is taken out of a text whole, before the text is split (an entry of "added_tokens").</summary>
sealed record AddedToken(string Content, int Id, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized);

/// <summary>A stretch of a text: an added token, or what lies between two.</summary>
readonly record struct TextPart(int Start, int Length, int? TokenId);

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest.</summary>
sealed class AddedTokens
{
    readonly Dictionary<string, int> _ids;
    readonly Regex? _pattern;

    public AddedTokens(IReadOnlyCollection<AddedToken> tokens)
    {
        _ids = tokens.DistinctBy(t => t.Content).ToDictionary(t => t.Content, t => t.Id);
        if (tokens.Count > 0)
            _pattern = new Regex(string.Join('|', _ids.Keys.OrderByDescending(t => t.Length).Select(Regex.Escape)), RegexOptions.CultureInvariant);
    }

    /// <summary>The whole text as stretches in order; none is empty.</summary>
    public IEnumerable<TextPart> Split(string text)
    {
        int start = 0;
        if (_pattern is not null)
            foreach (Match token in _pattern.Matches(text))
            {
                if (token.Index > start) yield return new TextPart(start, token.Index - start, null);
                yield return new TextPart(token.Index, token.Length, _ids[token.Value]);
                start = token.Index + token.Length;
            }
        if (start < text.Length) yield return new TextPart(start, text.Length - start, null);
    }
}
