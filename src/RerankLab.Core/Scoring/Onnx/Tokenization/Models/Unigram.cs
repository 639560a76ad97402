using System.Buffers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// Cuts a word into the pieces whose log probabilities add up to most (SentencePiece's Unigram, as Hugging Face's tokenizers
/// 0.22 compute it: in double precision, from left to right, the first of equals kept). Characters that are no piece are
/// unknown; unknown ones side by side are one token.
/// </summary>
sealed class Unigram : ITokenizerStage
{
    /// <summary>What an unknown character costs beyond the least probable piece.</summary>
    const double UnknownPenalty = 10;

    const int ShortWord = 64;

    readonly PieceTrie _pieces;
    readonly double[] _scores;
    readonly int _unknownId;
    readonly double _unknownScore;

    /// <summary>A way to a place in the word: its score, where its last piece begins, and that piece.</summary>
    struct Path
    {
        public double Score;
        public int From, Id;
    }

    /// <param name="pieces">Ids by piece.</param>
    /// <param name="scores">Log probabilities by id.</param>
    /// <param name="unknownId">The id of the unknown token.</param>
    public Unigram(IReadOnlyDictionary<string, int> pieces, double[] scores, int unknownId)
    {
        (_scores, _unknownId, _unknownScore) = (scores, unknownId, scores.Min() - UnknownPenalty);
        _pieces = new PieceTrie(pieces.Where(p => p.Key.Length > 0));
    }

    public void Append(ReadOnlySpan<char> word, bool atStart, List<int> ids)
    {
        Path[]? rented = word.Length < ShortWord ? null : ArrayPool<Path>.Shared.Rent(word.Length + 1);
        var best = rented is null ? stackalloc Path[word.Length + 1] : rented.AsSpan(0, word.Length + 1);
        foreach (ref var path in best) path.From = PieceTrie.None;
        best[0].Score = 0;
        FindBest(word, best);
        AppendBest(best, ids);
        if (rented is not null) ArrayPool<Path>.Shared.Return(rented);
    }

    void FindBest(ReadOnlySpan<char> word, Span<Path> best)
    {
        for (int start = 0, character; start < word.Length; start += character)
        {
            character = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            double score = best[start].Score;
            bool isPiece = false;
            int node = PieceTrie.Root;
            for (int at = start; at < word.Length && (node = _pieces.Step(node, word[at])) != PieceTrie.None; at++)
            {
                int id = _pieces.ValueAt(node);
                if (id == PieceTrie.None) continue;
                Offer(ref best[at + 1], score + _scores[id], start, id);
                isPiece |= at + 1 - start == character;
            }
            if (!isPiece) Offer(ref best[start + character], score + _unknownScore, start, _unknownId);
        }
    }

    static void Offer(ref Path path, double score, int from, int id)
    {
        if (path.From == PieceTrie.None || score > path.Score) (path.Score, path.From, path.Id) = (score, from, id);
    }

    void AppendBest(ReadOnlySpan<Path> best, List<int> ids)
    {
        int first = ids.Count;
        bool afterUnknown = false;
        for (int end = best.Length - 1; end > 0; end = best[end].From)
        {
            bool unknown = best[end].Id == _unknownId;
            if (!(unknown && afterUnknown)) ids.Add(best[end].Id);
            afterUnknown = unknown;
        }
        ids.Reverse(first, ids.Count - first);
    }
}
