namespace RerankLab.Demo;

/// <summary>In how many passages each word stands, English and Chinese passages counted apart.</summary>
sealed class PassageCounts
{
    const float LowestWeight = 0.25f;
    const float HighestWeight = 8;

    readonly SortedSet<string> words = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> passagesWithStem = new(StringComparer.Ordinal);
    readonly int chinese;
    readonly int english;

    public PassageCounts(IReadOnlyList<Passage> passages)
    {
        foreach (var passage in passages)
        {
            if (Words.HasCjk(passage.Full))
                chinese++;
            else
                english++;
            var split = Words.Split(passage.Full).ToList();
            words.UnionWith(split);
            foreach (var stem in split.Select(Words.Stem).Distinct(StringComparer.Ordinal))
                passagesWithStem[stem] = passagesWithStem.GetValueOrDefault(stem) + 1;
        }
    }

    /// <summary>The words that are not single Chinese characters, in ordinal order.</summary>
    public IEnumerable<string> SpacedWords => words.Where(word => !Words.HasCjk(word));

    /// <summary>The idf of a word by the passages with its stem; the highest for a word in no passage.</summary>
    public float Idf(string word)
    {
        var all = Words.HasCjk(word) ? chinese : english;
        var idf = Math.Log((all + 1) / (passagesWithStem.GetValueOrDefault(Words.Stem(word)) + 0.5));
        return Math.Clamp((float)Math.Round(idf * 8) / 8, LowestWeight, HighestWeight);
    }
}
