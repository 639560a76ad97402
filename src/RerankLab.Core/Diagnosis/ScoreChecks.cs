using RerankLab.Core.Ranking;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Diagnosis;

/// <summary>Whether the scores of the trial pairs look like those of a reranker.</summary>
public static class ScoreChecks
{
    const string Scores = "scores";

    /// <summary>
    /// Logits of relevant and irrelevant passages that lie this close together tell nothing. Trained rerankers spread them over
    /// more than 1; heads that were never trained over some hundredths.
    /// </summary>
    const double NearlyEqual = 0.1;

    /// <summary>A batch that takes longer looks stuck.</summary>
    const double SlowSeconds = 10;

    /// <param name="trial">What the scorer gave.</param>
    /// <param name="tolerance">How far a logit may depend on its batch.</param>
    public static IEnumerable<Finding> Of(TrialScores trial, Tolerance tolerance)
    {
        if (!trial.Alone.Concat(trial.Together).All(float.IsFinite) || !trial.Long.IsFinite)
        {
            yield return Finding.Problem(Scores, "the model gives NaN or infinity, which is never stored",
                "an fp16 model that overflows is the usual cause: try scorer.precision: fp32, or a shorter scorer.max_length");
            yield break;
        }
        yield return Spread(trial);
        foreach (var warning in Range(trial.Alone)) yield return warning;
        if (!IsNearlyEqual(trial.Alone))
            foreach (var language in TrialPairs.All.Select(p => p.Language).Distinct()) yield return Order(trial.Alone, language);
        yield return Batching(trial, tolerance);
        yield return Long(trial.Long);
    }

    static bool IsNearlyEqual(float[] logits) => logits.Max() - logits.Min() < NearlyEqual;

    static Finding Spread(TrialScores trial)
    {
        var (least, greatest) = (trial.Alone.Min(), trial.Alone.Max());
        var found = $"logits from {least:0.####} to {greatest:0.####} " +
            $"({Sigmoid(least):0.####} to {Sigmoid(greatest):0.####} after the sigmoid)";
        return IsNearlyEqual(trial.Alone)
            ? Finding.Problem(Scores,
                $"all scores near {Sigmoid(trial.Alone.Average()):0.0###}: relevant and irrelevant passages get {found}",
                "wrong input format or another model's tokenizer (rlab model inspect), or a classification head that was never trained " +
                "(a base model exported as a classifier): take the reranker itself, with all of its files")
            : Finding.Ok(Scores, $"{trial.Alone.Length} pairs, {trial.Tokens} tokens, scored twice in {trial.Seconds:0.00} s: {found}");
    }

    static IEnumerable<Finding> Range(float[] logits)
    {
        if (!IsNearlyEqual(logits) && logits.All(l => l is >= 0 and <= 1))
            yield return Finding.Warning(Scores, "every output lies between 0 and 1: the graph seems to apply the sigmoid itself",
                "set ranking.activation: none, or scores are squeezed between 0.5 and 0.73 when they are exported");
        var distinct = logits.Distinct().ToList();
        if (distinct.Select(l => (float)Sigmoid(l)).Distinct().Count() < distinct.Count)
            yield return Finding.Warning(Scores, "different logits become equal scores after the sigmoid",
                "rankings are by logit and stay right; for exported scores set ranking.activation: none");
    }

    static Finding Order(float[] logits, string language)
    {
        var check = $"{Scores} ({language})";
        var right = new List<bool>();
        for (int i = 0; i < TrialPairs.All.Count; i++)
            if (TrialPairs.All[i].Language == language) right.Add(logits[2 * i] > logits[2 * i + 1]);
        int wrong = right.Count(r => !r);
        return wrong == 0
            ? Finding.Ok(check, $"the relevant passage is above the irrelevant one for all of {right.Count} queries")
            : Finding.Warning(check, $"the relevant passage is not above the irrelevant one for {wrong} of {right.Count} queries",
                $"to be expected of a model that was not trained on {language}: do not rank {language} texts with it; " +
                "else its tokenizer, its output or the order of its labels is wrong");
    }

    static Finding Batching(TrialScores trial, Tolerance tolerance)
    {
        const string check = "batches";
        double largest = trial.Alone.Zip(trial.Together, (a, b) => Math.Abs((double)a - b)).Max();
        return largest <= tolerance.Logit
            ? Finding.Ok(check, largest == 0 ? "a score is the same alone and in a batch"
                : $"a score alone and in a batch differ by {largest:0.##E+0} at most")
            : Finding.Problem(check,
                $"a score alone and in a batch differ by up to {largest:0.####}, more than {tolerance.Logit} ({tolerance.Reason})",
                "the graph does not heed attention_mask, so that padding counts: export it with the mask, or set run.batch_tokens: 1");
    }

    static Finding Long(LongBatch batch)
    {
        const string check = "long pairs";
        var found = $"{batch.Pairs} of {batch.Tokens} tokens, cut to {batch.Length}, in one batch took {batch.Seconds:0.00} s";
        return batch.Seconds > SlowSeconds
            ? Finding.Warning(check, $"{found}: a run will look stuck, or be timed out by who started it",
                "set scorer.max_length: 512 or less, take a smaller precision or a GPU; a run that is stopped goes on where it was")
            : Finding.Ok(check, found);
    }

    static double Sigmoid(double logit) => Activation.Sigmoid.Apply(logit);
}
