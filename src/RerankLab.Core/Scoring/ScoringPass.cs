using System.Runtime.ExceptionServices;
using System.Text;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>What the user wants of a scoring pass.</summary>
/// <param name="BatchTokens">Tokens of a batch, padding included; null for what suits the scorer.</param>
/// <param name="MaxBatch">Pairs of a batch; null for what suits the scorer.</param>
/// <param name="SkipsBad">Whether to go on where the scorer gives NaN or infinity, which is never written.</param>
public sealed record ScoringOptions(int? BatchTokens = null, int? MaxBatch = null, bool SkipsBad = false)
{
    /// <summary>The scorer's limits, where the user has none.</summary>
    public BatchLimits Over(BatchLimits limits) => limits with { Tokens = BatchTokens ?? limits.Tokens, Pairs = MaxBatch ?? limits.Pairs };
}

/// <summary>What a scoring pass has done.</summary>
/// <param name="Scored">Pairs.</param>
/// <param name="Tokens">Tokens that the scorer saw, padding not counted.</param>
/// <param name="PaddedTokens">Padding included.</param>
/// <param name="Bad">Pairs without a finite score, which were skipped.</param>
/// <param name="Waited">How long the scorer waited for pairs to be made ready, after the first ones.</param>
public sealed record ScoringCounts(int Scored, long Tokens, long PaddedTokens, IReadOnlyList<BadScore> Bad, TimeSpan Waited)
{
    public static readonly ScoringCounts None = new(0, 0, 0, [], TimeSpan.Zero);
}

/// <summary>A pair whose logit is not finite.</summary>
/// <param name="Key">The pair's key.</param>
/// <param name="Place">Where it was met.</param>
/// <param name="Tokens">Its length before truncation.</param>
public readonly record struct BadScore(TextKey Key, MissingPair Place, int Tokens);

/// <summary>How far a scoring pass has come.</summary>
public readonly record struct ScoringProgress(int Scored, int Total);

/// <summary>Is told how scoring goes on: sentences by any thread, reports by one.</summary>
public interface IScoringObserver : IProgress<ScoringProgress>
{
    /// <summary>A sentence for the user.</summary>
    void Note(string sentence);
}

/// <summary>
/// Scores the missing pairs of a dataset and hands every logit to the cache. Pairs are prepared ahead on other cores, as many batches
/// are in flight as the scorer takes, and one thread writes what is finished.
/// </summary>
public sealed class ScoringPass(
    Dataset dataset, IReadOnlyList<QueryKeys> keys, IPairScorer scorer, IScoreWriter writer, IScoringObserver? observer = null)
{
    /// <summary>Scores in the order given, until done or until <paramref name="stop"/> is set; batches under way are finished and kept.</summary>
    /// <param name="missing">The distinct pairs to score.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="stop">Ends the pass.</param>
    /// <exception cref="UserError">
    /// A logit is NaN or infinite, a single pair finds no memory, or the scorer fails; what was finished before is kept.
    /// </exception>
    public ScoringCounts Run(IReadOnlyList<MissingPair> missing, ScoringOptions options, CancellationToken stop)
    {
        var limits = options.Over(scorer.Limits);
        var budget = new BatchBudget(limits.Tokens);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var windows = new PreparedWindows(missing, Prepare, budget, limits.Pairs);
        using var finished = new FinishedScores(dataset, keys, writer, observer, missing.Count, options.SkipsBad);
        using var memory = new ReaderWriterLockSlim();

        var preparing = Begin(() => windows.Prepare(ending.Token));
        var scoring = Enumerable.Range(0, limits.InFlight).Select(_ => Begin(() =>
        {
            while (windows.Take(ending.Token) is { } batch) Score(batch, budget, memory, finished, ending.Token);
        })).ToArray();
        var writing = Begin(finished.WriteAll);

        WaitFor(scoring);
        ending.Cancel();
        finished.Complete();
        WaitFor(preparing, writing);
        ThrowFirst(writing, [.. scoring, preparing]);
        return finished.Counts with { Waited = windows.Waited };

        // Each in a thread of its own; what fails ends the others.
        Task Begin(Action work) => Task.Factory.StartNew(() =>
        {
            try
            {
                work();
            }
            catch
            {
                ending.Cancel();
                throw;
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <exception cref="UserError">The pair's texts are not those of its key any more, or cannot be read.</exception>
    PreparedPair Prepare(MissingPair place)
    {
        var (texts, key) = (dataset.CandidateTexts[place.Query], keys[place.Query]);
        var query = dataset.Texts.Utf8(texts.Query);
        var passage = dataset.Texts.Utf8(texts.Passages[place.Candidate]);
        if (!PairKeys.AreOf(new TextKey(key.Query, key.Pairs[place.Candidate]), query, passage))
            throw new UserError($"the texts of {dataset.NameOf(place.Query, place.Candidate)} were changed while rlab was reading them",
                "run again, and leave the files as they are meanwhile; what was scored is kept");
        return scorer.Prepare(Encoding.UTF8.GetString(query), Encoding.UTF8.GetString(passage));
    }

    /// <summary>Scores a batch; where there is no memory for it, in smaller ones.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="budget">Is told what memory allows.</param>
    /// <param name="memory">Held for reading by a batch, for writing by one that needs all memory for itself.</param>
    /// <param name="finished">Receives the scores.</param>
    /// <param name="ending">Where set, what is left of a batch that was cut is not begun.</param>
    void Score(Batch batch, BatchBudget budget, ReaderWriterLockSlim memory, FinishedScores finished, CancellationToken ending)
    {
        for (int start = 0, tokens = batch.PaddedTokens; start < batch.Count;)
        {
            var part = batch.From(start, tokens);
            try
            {
                Score(part, memory.EnterReadLock, memory.ExitReadLock, finished);
                budget.Succeed(part.PaddedTokens);
                start += part.Count;
            }
            catch (ScorerOutOfMemoryException) when (part.Count > 1)
            {
                budget.Fail(part.PaddedTokens);
                tokens = budget.Tokens;
                observer?.Note($"out of memory on a batch of {part.Count} pairs ({part.PaddedTokens} padded tokens): " +
                    $"going on with at most {tokens}");
                ending.ThrowIfCancellationRequested();
            }
            catch (ScorerOutOfMemoryException)
            {
                budget.Fail(part.PaddedTokens);
                ScoreAlone(part, memory, finished);
                start++;
            }
        }
    }

    /// <summary>A pair that finds no memory beside other batches may find it without them.</summary>
    void ScoreAlone(Batch batch, ReaderWriterLockSlim memory, FinishedScores finished)
    {
        try
        {
            Score(batch, memory.EnterWriteLock, memory.ExitWriteLock, finished);
        }
        catch (ScorerOutOfMemoryException e)
        {
            var (place, pair) = (batch.Places[0], batch.Pairs[0]);
            throw new UserError(
                $"out of memory on a single pair: {dataset.NameOf(place.Query, place.Candidate)}, {pair.Length} tokens: {e.Message}",
                "shorten pairs with scorer.max_length, use scorer.precision: fp16, or end other programs that use this memory");
        }
    }

    void Score(Batch batch, Action enter, Action exit, FinishedScores finished)
    {
        var logits = new float[batch.Count];
        enter();
        try
        {
            scorer.Score(batch.Pairs, logits);
        }
        finally
        {
            exit();
        }
        finished.Add(batch, logits);
    }

    static void WaitFor(params Task[] work) => Task.WhenAll(work).ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    /// <summary>Throws why the pass failed, if it did: the writer's reason first. Being stopped is no failure.</summary>
    static void ThrowFirst(Task writing, Task[] others)
    {
        foreach (var work in others.Prepend(writing))
            if (work.Exception?.InnerException is { } failure and not OperationCanceledException)
                ExceptionDispatchInfo.Throw(failure);
    }
}
