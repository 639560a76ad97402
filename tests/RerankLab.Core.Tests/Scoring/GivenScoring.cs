using System.Collections.Concurrent;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

/// <summary>Datasets in memory.</summary>
static class Given
{
    /// <summary>Queries with their passages; documents are named d0, d1…</summary>
    public static Dataset Dataset(params (string Query, string[] Passages)[] queries)
    {
        var texts = new TextPool();
        var candidates = queries.Select((q, i) =>
            new CandidateQuery($"q{i}", [.. q.Passages.Select((_, p) => $"d{p}")], null)).ToList();
        var places = queries.Select(q =>
            new CandidateTexts(texts.Add(q.Query.Utf8()), [.. q.Passages.Select(p => texts.Add(p.Utf8()))])).ToList();
        return new Dataset(candidates, places, texts, null, true, []);
    }
}

/// <summary>Scores in memory: lengths are words, the logit is what the test says.</summary>
sealed class WordScorer(Func<string, string, float> logit) : IPairScorer
{
    readonly Lock _lock = new();

    sealed record Pair(string Query, string Passage, int Words, int Length) : PreparedPair(Words, Length);

    public List<string[]> Batches { get; } = [];
    public ConcurrentBag<string> Prepared { get; } = [];
    public int MaxLength { get; init; } = int.MaxValue;
    public Action<int>? AfterBatch { get; init; }

    /// <summary>Padded tokens of a batch for which there is memory.</summary>
    public Func<int> Memory { get; init; } = () => int.MaxValue;

    /// <summary>Batches that found no memory: pairs and padded tokens.</summary>
    public List<(int Pairs, int Padded)> Failed { get; } = [];

    public ScorerBackend Backend { get; } = new("memory", "none", new Dictionary<string, string>());
    public BatchLimits Limits { get; init; } = new(100, int.MaxValue, 1);

    public PreparedPair Prepare(string query, string passage)
    {
        Prepared.Add(passage);
        int words = query.Split(' ').Length + passage.Split(' ').Length;
        return new Pair(query, passage, words, Math.Min(words, MaxLength));
    }

    public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits)
    {
        var pairs = batch.Cast<Pair>().ToList();
        int padded = pairs.Count * pairs.Max(p => p.Length), number;
        lock (_lock)
        {
            if (padded > Memory())
            {
                Failed.Add((pairs.Count, padded));
                throw new ScorerOutOfMemoryException("no memory", new OutOfMemoryException());
            }
            Batches.Add([.. pairs.Select(p => p.Passage)]);
            number = Batches.Count;
        }
        for (int i = 0; i < pairs.Count; i++) logits[i] = logit(pairs[i].Query, pairs[i].Passage);
        AfterBatch?.Invoke(number);
    }

    public void Dispose() { }
}

/// <summary>A cache in memory.</summary>
sealed class MemoryCache(params ScorerIdentity[] scorers) : IScoreCache, IScoreWriter
{
    public List<(long Query, PairKey Pair, float Logit, int Tokens)> Added { get; } = [];
    public int TimesLookedAfter { get; private set; }

    public string SessionUid => "session";

    public IReadOnlyList<ScorerIdentity> ScorersNamed(string name) => [.. scorers.Where(s => s.Name == name)];

    public void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into)
    {
        var known = Added.ToDictionary(a => (a.Query, a.Pair));
        for (int q = 0; q < keys.Count; q++)
            for (int c = 0; c < keys[q].Pairs.Length; c++)
                if (known.TryGetValue((keys[q].Query, keys[q].Pairs[c]), out var score)) into.Set(q, c, score.Logit,
                    score.Tokens);
    }

    public IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend) => this;

    public void Add(long query, PairKey pair, float logit, int tokens) => Added.Add((query, pair, logit, tokens));

    public void CommitIfDue() => TimesLookedAfter++;

    public void Dispose() { }
}
