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
    /// <summary>
    /// Stands for NaN and infinity on their way through the pass, which stops a run at them: here they are a finding. No
    /// model gives the greatest float.
    /// </summary>
    const float NotFinite = float.MaxValue;

    /// <summary>The scores of the sample, nothing elsewhere but infinity where a logit is not finite.</summary>
    /// <param name="dataset">The texts.</param>
    /// <param name="keys">Their keys.</param>
    /// <param name="sample">Distinct pairs.</param>
    /// <param name="scorer">Scores them.</param>
    /// <param name="batchTokens">Padded tokens a batch; null for the scorer's own.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Ends it after the batch under way.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static PairScores Run(Dataset dataset, IReadOnlyList<QueryKeys> keys, IReadOnlyCollection<CachedPair> sample, IPairScorer scorer,
        int? batchTokens, IProgress<ScoringProgress>? progress, CancellationToken stop)
    {
        var rescored = new Rescored(keys, sample);
        var missing = MissingPairs.Of(dataset, keys, AllButTheSample(keys, sample));
        using var tolerant = new TolerantScorer(scorer);
        new ScoringPass(dataset, keys, tolerant, rescored).Run([.. missing.Pairs], batchTokens, progress, stop);
        stop.ThrowIfCancellationRequested();
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
            Scores.Set(place.Query, place.Candidate, logit == NotFinite ? float.PositiveInfinity : logit, tokens);
        }

        public void EndBatch() { }

        public void Dispose() { }
    }

    /// <summary>Lets a pass go on over logits that are not finite.</summary>
    sealed class TolerantScorer(IPairScorer scorer) : IPairScorer
    {
        public ScorerBackend Backend => scorer.Backend;

        public int BatchTokens => scorer.BatchTokens;

        public PreparedPair Prepare(string query, string passage) => scorer.Prepare(query, passage);

        public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits)
        {
            scorer.Score(batch, logits);
            foreach (ref float logit in logits)
                if (!float.IsFinite(logit)) logit = NotFinite;
        }

        /// <summary>The scorer itself is its owner's.</summary>
        public void Dispose() { }
    }
}
