using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Verification;

/// <summary>
/// Scores pairs again with the pass that a run scores with (its order, windows and batches), and keeps the outcome in
/// memory instead of in the cache.
/// </summary>
public static class Rescoring
{
    /// <summary>The scores of the sample, nothing elsewhere but infinity where a logit is not finite.</summary>
    /// <param name="dataset">The texts.</param>
    /// <param name="keys">Their keys.</param>
    /// <param name="sample">Distinct pairs.</param>
    /// <param name="scorer">Scores them.</param>
    /// <param name="batching">The user's limits of a batch.</param>
    /// <param name="observer">Is told how it goes on.</param>
    /// <param name="stop">Ends it after the batches under way.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static PairScores Run(Dataset dataset, IReadOnlyList<QueryKeys> keys, IReadOnlyCollection<CachedPair> sample, IPairScorer scorer,
        ScoringOptions batching, IScoringObserver? observer, CancellationToken stop)
    {
        var rescored = new Rescored(keys, sample);
        var missing = MissingPairs.Of(dataset, keys, AllButTheSample(keys, sample));
        // What stops a run is a finding here.
        var counts = new ScoringPass(dataset, keys, scorer, rescored, observer).Run(missing.Pairs, batching with { SkipsBad = true }, stop);
        stop.ThrowIfCancellationRequested();
        foreach (var (_, place, tokens) in counts.Bad) rescored.Scores.Set(place.Query, place.Candidate, float.PositiveInfinity, tokens);
        return rescored.Scores;
    }

    /// <summary>As if everything but the sample were scored: the sample is then what a run would score.</summary>
    static PairScores AllButTheSample(IReadOnlyList<QueryKeys> keys, IReadOnlyCollection<CachedPair> sample)
    {
        var known = new PairScores(keys);
        foreach (var logits in known.Logits) Array.Clear(logits);
        foreach (var pair in sample) known.Set(pair.Query, pair.Candidate, float.NaN, 0);
        return known;
    }

    sealed class Rescored(IReadOnlyList<QueryKeys> keys, IReadOnlyCollection<CachedPair> sample) : IScoreWriter
    {
        readonly Dictionary<(long, PairKey), CachedPair> _places = sample.ToDictionary(p => (keys[p.Query].Query, keys[p.Query].Pairs[p.Candidate]));

        public PairScores Scores { get; } = new(keys);

        public string SessionUid => "";

        public void Add(long query, PairKey pair, float logit, int tokens)
        {
            var place = _places[(query, pair)];
            Scores.Set(place.Query, place.Candidate, logit, tokens);
        }

        public void CommitIfDue() { }

        public void Dispose() { }
    }
}
