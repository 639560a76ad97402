using System.Collections.Concurrent;
using System.Diagnostics;

namespace RerankLab.Core.Scoring;

/// <summary>Pairs that are scored together.</summary>
/// <param name="Pairs">As the scorer wants them, the longest first.</param>
/// <param name="Places">Parallel: which pairs they are.</param>
sealed record Batch(ArraySegment<PreparedPair> Pairs, ArraySegment<MissingPair> Places)
{
    public int Count => Pairs.Count;

    /// <summary>Tokens, padding included.</summary>
    public int PaddedTokens => Pairs[0].Length * Pairs.Count;

    /// <summary>A batch of the pairs from <paramref name="start"/> on, as many as the limits allow.</summary>
    public Batch From(int start, int tokens, int pairs = int.MaxValue)
    {
        int end = Batches.EndOf(Pairs, start, tokens, pairs);
        return new Batch(Pairs[start..end], Places[start..end]);
    }
}

/// <summary>
/// Prepares pairs ahead of the scoring, window by window, on all cores but the one that feeds a device, and hands them out in batches.
/// At most two windows are ready or under way beside the one that is scored.
/// </summary>
/// <param name="missing">The pairs, in the order in which they are to be scored.</param>
/// <param name="prepare">Makes one ready; called from several threads.</param>
/// <param name="budget">Tokens of a batch.</param>
/// <param name="maxPairs">Pairs of a batch.</param>
sealed class PreparedWindows(
    IReadOnlyList<MissingPair> missing, Func<MissingPair, PreparedPair> prepare, BatchBudget budget, int maxPairs) : IDisposable
{
    /// <summary>
    /// After so many windows what is left of them is collected (docs/adr/0017): pairs live as long as their window, which makes them old in the
    /// collector's eyes, and what is old may lie until it is a fifth of all that is held.
    /// </summary>
    const int WindowsACollection = 4;

    readonly BlockingCollection<Batch> _ready = new(boundedCapacity: 1);
    readonly Lock _lock = new();
    readonly Stopwatch _waiting = new();
    Batch? _window;
    int _next;

    /// <summary>How long batches were waited for after the first.</summary>
    public TimeSpan Waited => _waiting.Elapsed;

    /// <summary>Prepares everything, until done or stopped.</summary>
    /// <exception cref="UserError">A pair cannot be prepared.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void Prepare(CancellationToken stop)
    {
        var options = new ParallelOptions { CancellationToken = stop, MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) };
        try
        {
            foreach (var (number, range) in Batches.Windows(missing).Index())
            {
                if (number % WindowsACollection == WindowsACollection - 1) GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
                var (start, count) = range.GetOffsetAndLength(missing.Count);
                var pairs = new PreparedPair[count];
                Parallel.For(0, count, options, i => pairs[i] = prepare(missing[start + i]));
                int[] order = [.. Enumerable.Range(0, count).OrderByDescending(i => pairs[i].Length)];
                _ready.Add(new Batch(Array.ConvertAll(order, i => pairs[i]), Array.ConvertAll(order, i => missing[start + i])), stop);
            }
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UserError>().FirstOrDefault() is { } error)
        {
            throw error;
        }
        finally
        {
            _ready.CompleteAdding();
        }
    }

    /// <summary>The next batch; null when there are no more. May be called from several threads.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public Batch? Take(CancellationToken stop)
    {
        lock (_lock)
        {
            stop.ThrowIfCancellationRequested();
            if (_next == (_window?.Count ?? 0) && !TakeWindow(stop)) return null;
            var batch = _window!.From(_next, budget.Tokens, maxPairs);
            _next += batch.Count;
            return batch;
        }
    }

    public void Dispose() => _ready.Dispose();

    bool TakeWindow(CancellationToken stop)
    {
        if (_window is not null) _waiting.Start();
        bool isThere = _ready.TryTake(out var window, Timeout.Infinite, stop);
        _waiting.Stop();
        (_window, _next) = (window, 0);
        return isThere;
    }
}
