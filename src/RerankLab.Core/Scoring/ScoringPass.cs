using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>What a scoring pass has done.</summary>
/// <param name="Scored">Pairs.</param>
/// <param name="Tokens">Tokens that the scorer saw, padding not counted.</param>
/// <param name="PaddedTokens">Padding included.</param>
public sealed record ScoringCounts(int Scored, long Tokens, long PaddedTokens)
{
    public static readonly ScoringCounts None = new(0, 0, 0);
}

/// <summary>How far a scoring pass has come.</summary>
public readonly record struct ScoringProgress(int Scored, int Total);

/// <summary>Scores the missing pairs of a dataset and hands every logit to the cache.</summary>
public sealed class ScoringPass(Dataset dataset, IReadOnlyList<QueryKeys> keys, IPairScorer scorer, IScoreWriter writer)
{
    /// <summary>Scores in the order given, batch by batch, until done or until <paramref name="stop"/> is set between two batches.</summary>
    /// <param name="missing">The distinct pairs to score.</param>
    /// <param name="batchTokens">Padded tokens a batch; null for the scorer's own.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="stop">Ends the pass after the batch under way.</param>
    /// <exception cref="UserError">A logit is NaN or infinite; those before it are kept.</exception>
    public ScoringCounts Run(MissingPair[] missing, int? batchTokens, IProgress<ScoringProgress>? progress, CancellationToken stop)
    {
        var counts = ScoringCounts.None;
        foreach (var window in Batches.Windows(missing))
        {
            var prepared = Prepare(window, stop);
            if (prepared is null) return counts;
            foreach (var range in Batches.WithinBudget([.. prepared.Select(p => p.Pair.Length)], batchTokens ?? scorer.BatchTokens))
            {
                if (stop.IsCancellationRequested) return counts;
                counts = ScoreBatch(prepared.AsSpan(range), counts);
                progress?.Report(new ScoringProgress(counts.Scored, missing.Length));
            }
        }
        return counts;
    }

    /// <summary>Prepares a window on all cores, longest first; null when stopped.</summary>
    (PreparedPair Pair, MissingPair Place)[]? Prepare(ArraySegment<MissingPair> window, CancellationToken stop)
    {
        var prepared = new (PreparedPair Pair, MissingPair Place)[window.Count];
        try
        {
            var result = Parallel.For(0, window.Count, (i, loop) =>
            {
                if (stop.IsCancellationRequested) loop.Stop();
                var place = window[i];
                var texts = dataset.CandidateTexts[place.Query];
                prepared[i] = (scorer.Prepare(dataset.Texts[texts.Query], dataset.Texts[texts.Passages[place.Candidate]]), place);
            });
            return result.IsCompleted ? [.. prepared.OrderByDescending(p => p.Pair.Length)] : null;
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UserError>().FirstOrDefault() is { } error)
        {
            throw error;
        }
    }

    ScoringCounts ScoreBatch(ReadOnlySpan<(PreparedPair Pair, MissingPair Place)> batch, ScoringCounts counts)
    {
        var pairs = new PreparedPair[batch.Length];
        for (int i = 0; i < batch.Length; i++) pairs[i] = batch[i].Pair;
        var logits = new float[batch.Length];
        scorer.Score(pairs, logits);

        long tokens = 0;
        for (int i = 0; i < batch.Length; i++)
        {
            var place = batch[i].Place;
            if (!float.IsFinite(logits[i])) throw NotFinite(place, pairs[i], logits[i]);
            // Adding 0 turns -0 into 0, so that equal scores are equal bytes.
            writer.Add(keys[place.Query].Query, keys[place.Query].Pairs[place.Candidate], logits[i] + 0f, pairs[i].Tokens);
            tokens += pairs[i].Length;
        }
        writer.EndBatch();
        return new ScoringCounts(counts.Scored + batch.Length, counts.Tokens + tokens,
            counts.PaddedTokens + (long)pairs[0].Length * batch.Length);
    }

    UserError NotFinite(MissingPair place, PreparedPair pair, float logit)
    {
        var query = dataset.Candidates[place.Query];
        return new UserError(
            $"the model gave {logit} for query '{query.Id}', document '{query.Documents[place.Candidate]}' ({pair.Tokens} tokens); " +
            "such a score is never stored",
            "an fp16 model that overflows is the usual cause: try precision: fp32, or a shorter max_length");
    }
}
