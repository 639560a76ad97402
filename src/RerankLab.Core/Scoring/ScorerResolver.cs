using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Scoring;

/// <summary>Which scorer an experiment means.</summary>
/// <param name="Identity">Null where the model is not here and the lab file does not know it either.</param>
/// <param name="Model">The model to load if anything must be scored; null where it is not on this machine.</param>
/// <param name="Note">What the user should know of how it was found.</param>
public sealed record ResolvedScorer(ScorerIdentity? Identity, OnnxModel? Model, string? Note);

/// <summary>Finds the scorer that an experiment declares: from the model folder, else among the scorers of the lab file.</summary>
public static class ScorerResolver
{
    /// <param name="spec">What the experiment declares.</param>
    /// <param name="cache">Where to look when the model is not on this machine.</param>
    /// <param name="hashes">Remembered hashes of big files.</param>
    /// <param name="problems">Receives what is wrong with the model folder.</param>
    /// <exception cref="UserError">Several scorers of the lab file fit.</exception>
    public static ResolvedScorer Resolve(ScorerSpec spec, IScoreCache cache, FileHashes hashes, Problems problems)
    {
        if (OnnxModelFolder.HasGraph(spec))
        {
            var model = OnnxModelFolder.Open(spec, hashes, problems);
            if (model is not null && !model.Identity.Fingerprint.StartsWith(spec.Fingerprint ?? "", StringComparison.OrdinalIgnoreCase))
                problems.Add(spec.Model.Shown, null, $"this model's fingerprint is {model.Identity.ShortFingerprint}…, not {spec.Fingerprint}… as scorer.fingerprint demands");
            return new ResolvedScorer(model?.Identity, model, null);
        }

        var matches = cache.ScorersNamed(spec.Name).Where(s => s.Matches(spec)).ToList();
        return matches switch
        {
            [] => new ResolvedScorer(null, null, null),
            [var only] => new ResolvedScorer(only, null,
                $"{spec.Model.Shown} is not on this machine; using the scores of '{only.Name}' ({only.ShortFingerprint}) in the lab file"),
            _ => throw new UserError(
                $"{spec.Model.Shown} is not on this machine, and the lab file knows {matches.Count} scorers that fit: " +
                string.Join("; ", matches.Select(m => $"{m.ShortFingerprint} (max_length {m.Fields["max_length"]})")),
                $"choose one with scorer.fingerprint, e.g. --set scorer.fingerprint={matches[0].ShortFingerprint}"),
        };
    }

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
