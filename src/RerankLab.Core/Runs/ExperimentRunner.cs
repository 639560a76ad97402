using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Runs;

/// <summary>Runs experiments: looks up what is known, scores the rest, ranks, evaluates and records.</summary>
/// <param name="cache">Where scores are remembered.</param>
/// <param name="runs">Where runs are kept.</param>
/// <param name="labFolder">The folder to which the experiment's path is recorded relative.</param>
/// <param name="observer">Is told how it goes.</param>
public sealed class ExperimentRunner(IScoreCache cache, IRunStore runs, string labFolder, IScoringObserver observer)
{
    /// <summary>
    /// Runs an experiment. When stopped, what was scored is kept and the run is recorded at the depth that every query
    /// reached.
    /// </summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="skipsBad">Whether to go on where the model gives NaN or infinity: such a pair is left out of its ranking.</param>
    /// <param name="stages">Receives the time of each stage.</param>
    /// <param name="stop">Stops the scoring.</param>
    /// <exception cref="UserError">Pairs are missing and there is no model to score them, or the model cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Stopped before any depth was reached: scores are kept, no run.</exception>
    public RunReport Run(Experiment experiment, bool skipsBad, Stages stages, CancellationToken stop)
    {
        var (started, spec, dataset) = (DateTimeOffset.UtcNow, experiment.Spec, experiment.Dataset);
        foreach (var note in dataset.Notes) observer.Note(note);

        var keys = stages.Time("key", () => PairKeys.Of(dataset));
        var scorer = FindScorer(experiment);
        if (scorer?.IsApproximate == true)
            observer.Note($"'{scorer.Name}' is approximate (dynamic quantisation): a score depends a little on the other pairs of its batch");
        var scores = new PairScores(keys);
        stages.Time("look up", () => LookUp(scorer, keys, scores));
        if (scores.Damaged > 0)
            observer.Note("scores that do not agree with their check value (damaged on disk, or changed by hand), " +
                $"which count as missing: {scores.Damaged}");
        var missing = stages.Time("plan", () => MissingPairs.Of(dataset, keys, scores));
        if (missing.Repeated > 0) observer.Note($"pairs with the same texts as another pair, scored once: {missing.Repeated}");
        var session = missing.Pairs.Count == 0 ? null : ScoreMissing(experiment, skipsBad, keys, missing, stages, stop);
        if (session is not null) stages.Time("look up again", () => LookUp(scorer, keys, scores));

        var bad = session?.Counts.Bad.Select(b => b.Key).ToHashSet() ?? [];
        int depth = scores.CompleteDepth((q, c) => bad.Contains(new TextKey(keys[q].Query, keys[q].Pairs[c])));
        if (depth == 0) throw new OperationCanceledException(stop);
        var data = new RunData(dataset.Candidates, keys, scores.Logits, dataset.Qrels);
        var evaluation = stages.Time("rank and evaluate", () => Evaluate(data.Rankings(depth)));
        var firstStage = dataset.HasFirstStageOrder ? Evaluate(data.FirstStage(depth)) : null;

        int? maxLength = scorer!.MaxLength;
        int truncated = scores.Tokens.Sum(t => t.Count(n => n > maxLength));
        var record = Record(spec, scorer, data, evaluation, depth, CountsOf(data, missing, session, truncated), session, started, stages);
        runs.Save(record, scorer, data, evaluation);
        return new RunReport(record, evaluation, firstStage, data.PairsMissing, bad.Count);

        Evaluation? Evaluate(IReadOnlyList<RankedList> lists) =>
            dataset.Qrels is null ? null : Evaluation.Of(lists, dataset.Qrels, spec.Measures);
    }

    /// <summary>The model's own identity, else what the lab file remembers of it; null where neither exists.</summary>
    ScorerIdentity? FindScorer(Experiment experiment)
    {
        var declared = experiment.Spec.Scorer;
        if (experiment.Model is not null) return experiment.Model.Identity;
        var remembered = ScorerResolver.FindRemembered(declared, cache);
        if (remembered is not null && declared.Declared is null)
            observer.Note($"{declared.Model.Shown} is not on this machine; using the lab file's scores of '{remembered.Name}' ({remembered.ShortFingerprint})");
        return remembered;
    }

    void LookUp(ScorerIdentity? scorer, QueryKeys[] keys, PairScores into)
    {
        if (scorer is not null) cache.Find(scorer, keys, into);
    }

    /// <summary>A session of scoring that was had.</summary>
    sealed record ScoredSession(string Uid, ScorerBackend Backend, ScoringCounts Counts);

    ScoredSession ScoreMissing(
        Experiment experiment, bool skipsBad, QueryKeys[] keys, MissingPairs missing, Stages stages, CancellationToken stop)
    {
        var spec = experiment.Spec;
        if (experiment.Model is not { } model)
            throw ScorerResolver.ModelIsAbsent(spec.Scorer, missing.Pairs.Count, missing.DistinctPairs);
        if (missing.WithoutText > 0)
            throw new UserError(
                $"{missing.Pairs.Count} of {missing.DistinctPairs} pairs have no score by this very scorer " +
                $"({model.Identity.ShortFingerprint}), and of {missing.WithoutText} of them the texts are not in {spec.File.Shown}",
                "pack the experiment with rlab cache pack --with-texts and the same settings; " +
                "or run the experiment file where its data are");
        if (ScorerResolver.WhyNotShared(model.Identity, cache) is { } why) observer.Note(why);

        using var scorer = stages.Time("load model", () => OnnxPairScorer.Load(model, spec.Execution));
        observer.Note($"scoring {missing.Pairs.Count} of {missing.DistinctPairs} pairs on {scorer.Backend.Device} ({scorer.Backend.Provider}" +
            $"{(spec.Execution.Device.Reason is { } reason ? $"; run.device is auto, and {reason}" : "")})");
        using var writer = cache.BeginSession(model.Identity, scorer.Backend);
        var pass = new ScoringPass(experiment.Dataset, keys, scorer, writer, observer);
        var counts = stages.Time("score", () => pass.Run(missing.Pairs, spec.Batching with { SkipsBad = skipsBad }, stop));
        stages.Add("score: waiting for tokens", counts.Waited);
        return new ScoredSession(writer.SessionUid, scorer.Backend, counts);
    }

    static RunCounts CountsOf(RunData data, MissingPairs missing, ScoredSession? session, int truncated)
    {
        var done = session?.Counts ?? ScoringCounts.None;
        return new RunCounts(data.Candidates.Count, data.Pairs, missing.DistinctPairs, missing.Hits, missing.Pairs.Count,
            done.Scored, truncated, done.Tokens, done.PaddedTokens);
    }

    RunRecord Record(ExperimentSpec spec, ScorerIdentity scorer, RunData data, Evaluation? evaluation, int depth, RunCounts counts,
        ScoredSession? session, DateTimeOffset started, Stages stages)
    {
        var folder = Path.GetDirectoryName(spec.File.FullPath)!;
        var provenance = stages.Time("provenance", () => ThisMachine.ProvenanceOf(folder));
        var seconds = stages.Seconds;
        return new RunRecord
        {
            Uid = Guid.CreateVersion7().ToString(),
            Name = spec.Name,
            Started = started,
            Depth = depth,
            Status = depth < data.Candidates.Max(c => c.Documents.Length) ? RunStatus.Partial : RunStatus.Complete,
            ExperimentText = spec.Text,
            Overrides = spec.Overrides,
            ExperimentPath = spec.PackedPath ?? Path.GetRelativePath(labFolder, spec.File.FullPath).Replace('\\', '/'),
            Setup = RunSetup.Of(spec.Dataset.Depth, spec.Activation, scorer, data).ToJsonString(),
            ScorerFingerprint = scorer.Fingerprint,
            SessionUid = session?.Uid,
            Device = session?.Backend.Device,
            Counts = counts,
            Seconds = seconds,
            // A run that scored nothing needed no rented machine.
            Cost = spec.Cost?.Of(session is null ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds[^1].Value)),
            Currency = spec.Cost?.Currency,
            Provenance = provenance,
            Tags = spec.Tags,
            Measures = evaluation?.Overalls ?? [],
        };
    }
}
