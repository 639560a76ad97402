namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// Remembers the ids of short words that were met lately: most words of a text are. Each has one place by its hash, and takes
/// it from who was there; entries are never changed, so that threads need no lock.
/// </summary>
sealed class WordMemo(ITokenizerStage model) : ITokenizerStage
{
    const int Places = 1 << 15, LongestWord = 24;

    sealed record Entry(string Word, int[] Ids);

    readonly Entry?[] _entries = new Entry?[Places];

    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        if (text.Length > LongestWord)
        {
            model.Append(text, atStart, ids);
            return;
        }
        ref var place = ref _entries[string.GetHashCode(text) & (Places - 1)];
        var entry = place;
        if (entry is not null && text.SequenceEqual(entry.Word))
        {
            ids.AddRange(entry.Ids);
            return;
        }
        int before = ids.Count;
        model.Append(text, atStart, ids);
        place = new Entry(text.ToString(), [.. ids[before..]]);
    }
}
