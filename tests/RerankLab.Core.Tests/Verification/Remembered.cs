using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;
using RerankLab.Core.Tests.Scoring;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Verification;

/// <summary>Scores of a dataset in memory, each from a session: 10 times the query's ordinal and the candidate's, unless changed.</summary>
sealed class Remembered : IScoreSessions, IScoringObserver
{
    readonly Dictionary<(long, PairKey), ScoringSession> _sessions = [];

    public Remembered(Dataset dataset, Func<int, int, ScoringSession?> session, Func<int, int, float>? logit = null, Func<int, int, int>? tokens = null)
    {
        Dataset = dataset;
        Keys = PairKeys.Of(dataset);
        foreach (var (q, keys) in Keys.Index())
            foreach (var (c, pair) in keys.Pairs.Index())
                if (session(q, c) is { } of && _sessions.TryAdd((keys.Query, pair), of))
                    Cache.Add(keys.Query, pair, logit?.Invoke(q, c) ?? 10 * q + c, tokens?.Invoke(q, c) ?? 2);
        Scores = new PairScores(Keys);
        Cache.Find(null!, Keys, Scores);
    }

    public Dataset Dataset { get; }

    public QueryKeys[] Keys { get; }

    public PairScores Scores { get; }

    public MemoryCache Cache { get; } = new();

    public List<string> Notes { get; } = [];

    public List<CachedPair> Cached => VerificationSample.AllCached(Keys, Scores, SessionsOf(null!, Keys));

    /// <summary>Queries of one word, passages of one word that says which: <c>p3-7</c>.</summary>
    public static Dataset Words(params int[] depths) => Given.Dataset([.. depths.Select((depth, q) =>
        ($"query{q}", Enumerable.Range(0, depth).Select(c => $"p{q}-{c}").ToArray()))]);

    public static ScoringSession Session(string uid, int hour = 0, string provider = "none") => new(uid,
        new DateTimeOffset(2026, 1, 2, hour, 0, 0, TimeSpan.Zero), new ScorerBackend("memory", provider, new Dictionary<string, string>()),
        ThisMachine.Describe());

    /// <summary>A scorer that gives what is remembered, moved by what the test says.</summary>
    public WordScorer Scorer(Func<int, int, float>? move = null) => new((_, passage) =>
    {
        var place = passage[1..].Split('-').Select(int.Parse).ToArray();
        return Scores.Logits[place[0]][place[1]] + (move?.Invoke(place[0], place[1]) ?? 0);
    });

    public VerificationReport Verify(IPairScorer scorer, int? sample = null, double? tolerance = null) =>
        new CacheVerification(Cache, this, this).Run(Dataset, Identity("fp32"), new VerificationSpec(sample, tolerance, VerificationSpec.DefaultSeed),
            () => scorer, new ScoringOptions(), TestContext.Current.CancellationToken);

    public static ScorerIdentity Identity(string precision, bool approximate = false) =>
        new("onnx", "model", precision, approximate ? """{"approximate":"dynamic quantisation"}""" : "{}");

    public ScoringSession?[][] SessionsOf(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys) =>
        [.. keys.Select(k => k.Pairs.Select(p => _sessions.GetValueOrDefault((k.Query, p))).ToArray())];

    public void Note(string sentence) => Notes.Add(sentence);

    public void Report(ScoringProgress value) { }
}
