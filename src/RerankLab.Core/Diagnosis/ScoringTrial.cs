using System.Diagnostics;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Diagnosis;

/// <summary>What a scorer made of the trial pairs.</summary>
/// <param name="Alone">A logit for each passage, relevant and irrelevant in turn, each scored alone.</param>
/// <param name="Together">The same in one batch.</param>
/// <param name="Tokens">All of them together.</param>
/// <param name="Seconds">The time of both.</param>
/// <param name="Long">The batch of long pairs.</param>
public sealed record TrialScores(float[] Alone, float[] Together, int Tokens, double Seconds, LongBatch Long);

/// <summary>As many pairs of the longest kind as one batch takes.</summary>
/// <param name="Pairs">How many.</param>
/// <param name="Tokens">The length of each before it is cut.</param>
/// <param name="Length">The length that the model sees.</param>
/// <param name="Seconds">The time of the batch.</param>
/// <param name="IsFinite">Whether every logit was.</param>
public sealed record LongBatch(int Pairs, int Tokens, int Length, double Seconds, bool IsFinite);

/// <summary>Scores the trial pairs.</summary>
public static class ScoringTrial
{
    /// <param name="scorer">The scorer tried.</param>
    /// <param name="maxLength">Tokens that it takes.</param>
    /// <param name="batching">The user's limits of a batch.</param>
    /// <exception cref="UserError">The scorer fails.</exception>
    /// <exception cref="ScorerOutOfMemoryException">There is no memory for a whole batch of the longest pairs.</exception>
    public static TrialScores Run(IPairScorer scorer, int maxLength, ScoringOptions batching)
    {
        PreparedPair[] pairs =
            [.. TrialPairs.All.SelectMany(p => new[] { p.Relevant, p.Irrelevant }.Select(text => scorer.Prepare(p.Query, text)))];
        var (alone, together) = (new float[pairs.Length], new float[pairs.Length]);
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < pairs.Length; i++) scorer.Score([pairs[i]], alone.AsSpan(i, 1));
        scorer.Score(pairs, together);
        double seconds = watch.Elapsed.TotalSeconds;
        var longest = ScoreLong(scorer, maxLength, batching.Over(scorer.Limits));
        return new TrialScores(alone, together, pairs.Sum(p => p.Length), seconds, longest);
    }

    static LongBatch ScoreLong(IPairScorer scorer, int maxLength, BatchLimits limits)
    {
        var passage = string.Concat(Enumerable.Repeat(TrialPairs.Endless, maxLength / TrialPairs.EndlessTokens + 1));
        var pair = scorer.Prepare(TrialPairs.All[0].Query, passage);
        var logits = new float[Math.Clamp(limits.Tokens / pair.Length, 1, limits.Pairs)];
        var watch = Stopwatch.StartNew();
        scorer.Score([.. Enumerable.Repeat(pair, logits.Length)], logits);
        return new LongBatch(logits.Length, pair.Tokens, pair.Length, watch.Elapsed.TotalSeconds, logits.All(float.IsFinite));
    }
}
