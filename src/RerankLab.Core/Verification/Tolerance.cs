using RerankLab.Core.Scoring;

namespace RerankLab.Core.Verification;

/// <summary>How far a logit may move between two machines before the two are said to differ.</summary>
/// <param name="Logit">The largest absolute difference that is within it.</param>
/// <param name="Reason">Why this much, for people.</param>
public sealed record Tolerance(double Logit, string Reason)
{
    /// <summary>
    /// The tolerance of a kind of arithmetic, from the measurements in docs/cache.md: some twenty times what sound set-ups
    /// were found to differ by, for approximate scorers twice.
    /// </summary>
    public static Tolerance DefaultFor(ScorerIdentity scorer) => (scorer.IsApproximate, scorer.Precision) switch
    {
        (true, _) => new(2, "approximate: dynamic quantisation takes its scale from the whole batch, so that a score depends on the pairs beside it"),
        (_, "fp32") => new(1e-4, "fp32: sums in another order move a logit by some 1e-6, TF32 by 1e-3"),
        (_, "fp16") => new(0.05, "fp16: 11 significant bits in every layer move a logit by some 1e-3"),
        (_, "bf16") => new(0.25, "bf16: 8 significant bits in every layer"),
        _ => new(0.05, $"{scorer.Precision}: as for fp16, for want of a rule of its own"),
    };

    public static Tolerance Asked(double logit) => new(logit, "as asked");
}
