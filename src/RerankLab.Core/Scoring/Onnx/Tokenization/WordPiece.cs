namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// Cuts a word into the longest pieces of a vocabulary, from its start (Hugging Face's WordPiece). A word that cannot be cut
/// so, or that is too long, is one unknown token.
/// </summary>
sealed class WordPiece : ITokenizerStage
{
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _starts, _continuations;
    readonly int _unknownId, _longestWord, _longestPiece;

    /// <param name="vocabulary">Ids by token.</param>
    /// <param name="unknownId">The id of the unknown token.</param>
    /// <param name="continuingPrefix">Stands before pieces that go on with a word: "##".</param>
    /// <param name="longestWord">Characters (code points) of the longest word that is cut at all.</param>
    public WordPiece(IReadOnlyDictionary<string, int> vocabulary, int unknownId, string continuingPrefix, int longestWord)
    {
        (_unknownId, _longestWord) = (unknownId, longestWord);
        _starts = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = vocabulary.Where(t => t.Key.StartsWith(continuingPrefix, StringComparison.Ordinal))
            .ToDictionary(t => t.Key[continuingPrefix.Length..], t => t.Value, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPiece = vocabulary.Keys.Max(t => t.Length);
    }

    public void Append(ReadOnlySpan<char> word, bool atStart, List<int> ids)
    {
        int count = ids.Count;
        if (word.Length > _longestWord && CodePoints(word) > _longestWord)
        {
            ids.Add(_unknownId);
            return;
        }
        for (int start = 0, length; start < word.Length; start += length)
        {
            var pieces = start == 0 ? _starts : _continuations;
            int id = 0;
            for (length = Math.Min(word.Length - start, _longestPiece); length > 0 && !pieces.TryGetValue(word.Slice(start, length), out id); length--) { }
            if (length == 0)
            {
                ids.RemoveRange(count, ids.Count - count);
                ids.Add(_unknownId);
                return;
            }
            ids.Add(id);
        }
    }

    static int CodePoints(ReadOnlySpan<char> word)
    {
        int count = 0;
        foreach (char c in word)
            if (!char.IsLowSurrogate(c)) count++;
        return count;
    }
}
