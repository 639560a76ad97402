using RerankLab.Core.Hub;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Scoring;

/// <summary>Finds the scorer that an experiment declares: from the model folder, else among the scorers of the lab file.</summary>
public static class ScorerResolver
{
    /// <summary>The model of the folder declared; null where folder or weights are not on this machine.</summary>
    /// <param name="spec">What the experiment declares.</param>
    /// <param name="hashes">Remembered hashes of big files.</param>
    /// <param name="problems">Receives what is wrong with the model folder.</param>
    public static OnnxModel? OpenModel(ScorerSpec spec, FileHashes hashes, Problems problems)
    {
        if (spec.Declared is not null) return null;
        var model = OnnxModelFolder.Open(spec, hashes, problems);
        CheckFingerprint(spec, model, problems);
        return model;
    }

    /// <summary>Reports a model that is not the one that is pinned.</summary>
    internal static void CheckFingerprint(ScorerSpec spec, OnnxModel? model, Problems problems)
    {
        if (model is not null && !model.Identity.Fingerprint.StartsWith(spec.Fingerprint ?? "", StringComparison.OrdinalIgnoreCase))
            problems.Add(spec.Model.Shown, null,
                $"this model's fingerprint is {model.Identity.ShortFingerprint}…, not {spec.Fingerprint}… as scorer.fingerprint demands");
    }

    /// <summary>
    /// The scorer of the lab file that fits what is declared, for an experiment whose model is not on this machine; null
    /// where none fits.
    /// </summary>
    /// <exception cref="UserError">Several fit.</exception>
    public static ScorerIdentity? FindRemembered(ScorerSpec spec, IScoreCache cache)
    {
        var matches = cache.ScorersNamed(spec.Name).Where(s => s.Matches(spec)).ToList();
        if (matches.Count <= 1) return matches.SingleOrDefault();
        if (spec.Declared is not null)
            throw new UserError($"the lab file has scores of {matches.Count} scales that were imported as '{spec.Declared}': " +
                string.Join("; ", matches.Select(m => $"{m.ShortFingerprint} (scale {m.Fields["scale"]})")),
                $"choose one: scorer: {{ declared: {spec.Declared}, fingerprint: {matches[0].ShortFingerprint} }}");
        throw new UserError(
            $"{spec.Model.Shown} is not on this machine, and the lab file knows {matches.Count} scorers that fit: " +
            string.Join("; ", matches.Select(m => $"{m.ShortFingerprint} (max_length {m.MaxLength})")),
            $"choose one, e.g. --set scorer.fingerprint={matches[0].ShortFingerprint}");
    }

    /// <summary>The error for pairs that need scoring while their model is not on this machine.</summary>
    public static UserError ModelIsAbsent(ScorerSpec spec, int missing, int pairs) => spec.Declared is { } name ? new UserError(
        $"{missing} of {pairs} pairs have no score among those imported as '{name}', and there is no model to score them",
        $"rlab cache import FILE EXPERIMENT.yaml --as {name} imports more; or leave those pairs out (dataset.depth)") : new UserError(
        $"{missing} of {pairs} pairs have no score in the lab file, and their model is not on this machine: {OnnxModelFolder.DescribeAbsence(spec)}",
        $"run this experiment where the model is, and copy lab.db* back; or bring the model folder here{FromTheHub(spec)}");

    /// <summary>What a hint adds for a model that may be the hub's: a name such as models/gte can stand for either.</summary>
    public static string FromTheHub(ScorerSpec spec) =>
        new ModelReference(spec.Model, spec.HubModel).PullCommand(spec.Precision) is { } pull ? $" (if it is one of the hub: {pull})" : "";

    /// <summary>
    /// Why an expected hit may have missed: the fields in which this scorer differs from those of the same name that the
    /// lab file has; null where there is none.
    /// </summary>
    public static string? WhyNotShared(ScorerIdentity scorer, IScoreCache cache)
    {
        var others = cache.ScorersNamed(scorer.Name).Where(s => s.Fingerprint != scorer.Fingerprint).ToList();
        if (others.Count == 0) return null;
        var nearest = others.MinBy(o => scorer.DifferingFields(o).Count())!;
        var differences = scorer.DifferingFields(nearest)
            .Select(f => $"{f} (there {Shown(nearest, f)}, here {Shown(scorer, f)})");
        return $"the lab file has scores of '{scorer.Name}' by another scorer ({nearest.ShortFingerprint}), which are not shared: " +
               $"it differs in {string.Join(", ", differences)}";
    }

    static string Shown(ScorerIdentity scorer, string field) =>
        scorer.Fields.GetValueOrDefault(field) is not { } value ? "none" : value.Length > 40 ? value[..14] + "…" : value;
}
