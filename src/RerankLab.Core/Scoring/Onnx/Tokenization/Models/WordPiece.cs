namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// Cuts a word into the longest pieces of a vocabulary, from its start (Hugging Face's WordPiece). A word that cannot be cut
/// so, or that is too long, is one unknown token.
/// </summary>
sealed class WordPiece : ITokenizerStage
{
    readonly PieceTrie _starts, _continuations;
    readonly int _unknownId, _longestWord;

    /// <param name="vocabulary">Ids by token.</param>
    /// <param name="unknownId">The id of the unknown token.</param>
    /// <param name="continuingPrefix">Stands before pieces that go on with a word: "##".</param>
    /// <param name="longestWord">Characters (code points) of the longest word that is cut at all.</param>
    public WordPiece(IReadOnlyDictionary<string, int> vocabulary, int unknownId, string continuingPrefix, int longestWord)
    {
        (_unknownId, _longestWord) = (unknownId, longestWord);
        _starts = new PieceTrie(vocabulary.Where(t => t.Key.Length > 0));
        _continuations = new PieceTrie(vocabulary
            .Where(t => t.Key.Length > continuingPrefix.Length && t.Key.StartsWith(continuingPrefix, StringComparison.Ordinal))
            .Select(t => KeyValuePair.Create(t.Key[continuingPrefix.Length..], t.Value)));
    }

    public void Append(ReadOnlySpan<char> word, bool atStart, List<int> ids)
    {
        int count = ids.Count;
        if (word.Length > _longestWord && CodePoints(word) > _longestWord)
        {
            ids.Add(_unknownId);
            return;
        }
        for (int start = 0; start < word.Length;)
        {
            var (length, id) = (start == 0 ? _starts : _continuations).LongestPrefix(word[start..]);
            if (length == 0)
            {
                ids.RemoveRange(count, ids.Count - count);
                ids.Add(_unknownId);
                return;
            }
            ids.Add(id);
            start += length;
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
