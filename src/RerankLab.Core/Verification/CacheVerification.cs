using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Verification;

/// <summary>What a verification is asked to do.</summary>
/// <param name="Sample">Pairs to score again; null for all.</param>
/// <param name="Tolerance">The largest difference allowed; null for the default of the scorer's kind.</param>
/// <param name="Seed">Draws the sample.</param>
public sealed record VerificationSpec(int? Sample, double? Tolerance, ulong Seed)
{
    public const int DefaultSample = 200;
    public const ulong DefaultSeed = 42;
}

/// <summary>Scores a sample of an experiment's cached pairs again and compares. Changes nothing.</summary>
/// <param name="cache">Where scores are remembered.</param>
/// <param name="sessions">Where they come from.</param>
/// <param name="observer">Is told how it goes.</param>
public sealed class CacheVerification(IScoreCache cache, IScoreSessions sessions, IScoringObserver observer)
{
    /// <summary>Verifies with the experiment's own model, on its device.</summary>
    /// <exception cref="UserError">The model is not on this machine or cannot be used, or nothing is cached.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public VerificationReport Run(Experiment experiment, VerificationSpec spec, CancellationToken stop)
    {
        if (experiment.Spec.Scorer.Declared is { } name)
            throw new UserError($"scores that were imported ('{name}') cannot be verified: there is no model to score their pairs again");
        if (experiment.Model is not { } model)
            throw new UserError(
                $"cached scores are verified by their model, which is not on this machine: {OnnxModelFolder.DescribeAbsence(experiment.Spec.Scorer)}",
                "verify where the model is, with a copy of lab.db*; or bring the model folder here" +
                ScorerResolver.FromTheHub(experiment.Spec.Scorer));
        return Run(experiment.Dataset, model.Identity, spec, () => OnnxPairScorer.Load(model, experiment.Spec.Execution), experiment.Spec.Batching, stop);
    }

    /// <summary>Verifies with a scorer that is loaded once it is known that there is something to verify.</summary>
    /// <exception cref="UserError">Nothing is cached, or the scorer cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public VerificationReport Run(Dataset dataset, ScorerIdentity identity, VerificationSpec spec, Func<IPairScorer> load, ScoringOptions batching,
        CancellationToken stop)
    {
        var keys = PairKeys.Of(dataset);
        var scores = new PairScores(keys, takesDamaged: true);
        cache.Find(identity, keys, scores);
        if (scores.Damaged > 0)
            observer.Note("scores that do not agree with their check value (damaged on disk, or changed by hand), " +
                $"which a run scores again: {scores.Damaged}");
        var cached = VerificationSample.AllCached(keys, scores, sessions.SessionsOf(identity, keys));
        if (cached.Count == 0) throw NothingCached(identity);
        var sample = VerificationSample.Draw(cached, dataset, scores, spec.Sample, spec.Seed);

        using var scorer = load();
        observer.Note($"scoring {sample.Count} of {cached.Count} cached pairs again on {scorer.Backend.Device} ({scorer.Backend.Provider})");
        var rescored = Rescoring.Run(dataset, keys, sample, scorer, batching, observer, stop);

        var tolerance = spec.Tolerance is { } asked ? Tolerance.Asked(asked) : Tolerance.DefaultFor(identity);
        var compared = sample.ConvertAll(p => (Place: p, Pair: Compared(p)));
        var cachedBySession = cached.CountBy(p => p.Session).ToDictionary();
        var machine = ThisMachine.Describe();
        return new VerificationReport(identity, scorer.Backend, tolerance, cached.Count, spec.Seed,
            ScoreComparison.Of([.. compared.Select(c => c.Pair)], tolerance),
            [.. compared.GroupBy(c => c.Place.Session, c => c.Pair).OrderBy(s => s.Key.Started).ThenBy(s => s.Key.Uid, StringComparer.Ordinal)
                .Select(s => new SessionComparison(s.Key, cachedBySession[s.Key], ScoreComparison.Of([.. s], tolerance),
                    s.Key.DifferencesFrom(scorer.Backend, machine)))],
            RankFlips.Of(compared.GroupBy(c => c.Place.Query, c => c.Pair)));

        RescoredPair Compared(CachedPair p) => new(dataset.Candidates[p.Query].Id, dataset.Candidates[p.Query].Documents[p.Candidate],
            scores.Logits[p.Query][p.Candidate], rescored.Logits[p.Query][p.Candidate],
            scores.Tokens[p.Query][p.Candidate], rescored.Tokens[p.Query][p.Candidate]);
    }

    UserError NothingCached(ScorerIdentity identity) => new(
        $"nothing to verify: no pair of this experiment has a score of this very scorer ({identity.ShortFingerprint})",
        ScorerResolver.WhyNotShared(identity, cache) ?? "rlab run EXPERIMENT.yaml scores the pairs; --lab names another lab file");
}
