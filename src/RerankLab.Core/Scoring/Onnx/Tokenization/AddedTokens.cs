using System.Buffers;
using RerankLab.Core.Scoring.Onnx.Tokenization.Models;
using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>A token that is taken out of a text whole, before the text is split (an entry of "added_tokens").</summary>
/// <param name="Content">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="SingleWord">Not inside a word.</param>
/// <param name="LeftStrip">It takes the white space before it along.</param>
/// <param name="RightStrip">It takes the white space behind it along.</param>
/// <param name="Normalized">It is looked for in normalised text, else in the text as given.</param>
sealed record AddedToken(string Content, int Id, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized);

/// <summary>A stretch of a text: an added token, or what lies between two.</summary>
readonly record struct TextPart(int Start, int Length, int? TokenId);

/// <summary>Finds added tokens in a text, the leftmost, and of those the longest, as Hugging Face's tokenizers 0.22 do.</summary>
sealed class AddedTokens
{
    readonly AddedToken[] _tokens;
    readonly PieceTrie _contents;
    readonly SearchValues<char> _firstChars;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens.Where(t => t.Content.Length > 0).DistinctBy(t => t.Content)];
        _contents = new PieceTrie(_tokens.Select((t, index) => KeyValuePair.Create(t.Content, index)));
        _firstChars = SearchValues.Create([.. _tokens.Select(t => t.Content[0]).Distinct()]);
    }

    /// <summary>The whole text as stretches in order.</summary>
    public IEnumerable<TextPart> Split(string text)
    {
        int start = 0;
        for (int at = 0; Next(text, at) is var (begin, length, token) && length > 0;)
        {
            // What was looked at is not looked at again, even where it is no token because it is inside a word.
            at = begin + length;
            if (token.SingleWord && (begin > 0 && EndsWithWord(text.AsSpan(0, begin)) || at < text.Length && IsWord(text, at))) continue;
            int end = at;
            if (token.LeftStrip)
                while (begin > start && IsSpace(text[begin - 1])) begin--;
            if (token.RightStrip)
                while (end < text.Length && IsSpace(text[end])) end++;
            if (begin > start) yield return new TextPart(start, begin - start, null);
            yield return new TextPart(begin, end - begin, token.Id);
            start = end;
        }
        if (start < text.Length) yield return new TextPart(start, text.Length - start, null);
    }

    /// <summary>The first token from a place on; length 0 where there is none.</summary>
    (int Start, int Length, AddedToken Token) Next(string text, int from)
    {
        for (int at = from; at < text.Length; at++)
        {
            int found = text.AsSpan(at).IndexOfAny(_firstChars);
            if (found < 0) break;
            at += found;
            var (length, index) = _contents.LongestPrefix(text.AsSpan(at));
            if (length > 0) return (at, length, _tokens[index]);
        }
        return (0, 0, null!);
    }

    static bool IsSpace(char c) => CharacterClasses.Is(c, CharacterClass.Space);

    static bool IsWord(ReadOnlySpan<char> text, int at) => CharacterClasses.Is(CharacterClasses.At(text, at, out _), CharacterClass.Word);

    static bool EndsWithWord(ReadOnlySpan<char> text) => IsWord(text, text.Length > 1 && char.IsLowSurrogate(text[^1]) ? text.Length - 2 : text.Length - 1);
}
