using System.Collections.Concurrent;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>Finished scores on their way from the scoring threads to the one thread that writes them.</summary>
/// <param name="dataset">Names the pairs.</param>
/// <param name="keys">Under which they are written.</param>
/// <param name="writer">Takes them.</param>
/// <param name="observer">Is told how it goes on.</param>
/// <param name="total">Pairs to score in all.</param>
/// <param name="skipsBad">Whether a logit that is not finite is passed over; else it is an error.</param>
sealed class FinishedScores(
    Dataset dataset, IReadOnlyList<QueryKeys> keys, IScoreWriter writer, IScoringObserver? observer, int total, bool skipsBad) : IDisposable
{
    /// <summary>How many skipped pairs are named.</summary>
    const int NamedBad = 10;

    /// <summary>Batches that wait to be written; whoever brings more waits too.</summary>
    const int MostWaiting = 64;

    /// <summary>However long a batch takes, what is finished is looked after at least this often.</summary>
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    readonly record struct ScoredPair(MissingPair Place, float Logit, int Tokens);

    readonly record struct ScoredBatch(ScoredPair[] Pairs, long Tokens, long PaddedTokens);

    readonly BlockingCollection<ScoredBatch> _finished = new(MostWaiting);
    readonly CancellationTokenSource _unwritable = new();
    readonly List<BadScore> _bad = [];
    int _scored;
    long _tokens, _paddedTokens;

    /// <summary>What was written so far; to be read when writing has ended.</summary>
    public ScoringCounts Counts => new(_scored, _tokens, _paddedTokens, _bad, TimeSpan.Zero);

    /// <summary>May be called from several threads.</summary>
    /// <exception cref="OperationCanceledException">Writing failed.</exception>
    public void Add(Batch batch, float[] logits)
    {
        var pairs = new ScoredPair[batch.Count];
        for (int i = 0; i < pairs.Length; i++) pairs[i] = new ScoredPair(batch.Places[i], logits[i], batch.Pairs[i].Tokens);
        _finished.Add(new ScoredBatch(pairs, batch.Pairs.Sum(p => (long)p.Length), batch.PaddedTokens), _unwritable.Token);
    }

    /// <summary>Says that nothing more comes.</summary>
    public void Complete() => _finished.CompleteAdding();

    /// <summary>Writes what comes until it is complete.</summary>
    /// <exception cref="UserError">A logit is not finite and is not to be skipped; or the cache cannot be written.</exception>
    public void WriteAll()
    {
        try
        {
            while (!_finished.IsCompleted)
            {
                if (_finished.TryTake(out var batch, Tick)) Write(batch);
                writer.CommitIfDue();
            }
        }
        catch
        {
            // Nobody may wait for room any more.
            _unwritable.Cancel();
            throw;
        }
    }

    public void Dispose()
    {
        _finished.Dispose();
        _unwritable.Dispose();
    }

    void Write(ScoredBatch batch)
    {
        foreach (var (place, logit, tokens) in batch.Pairs)
        {
            var key = new TextKey(keys[place.Query].Query, keys[place.Query].Pairs[place.Candidate]);
            if (!float.IsFinite(logit))
            {
                PassOver(key, place, logit, tokens);
                continue;
            }
            // Adding 0 turns -0 into 0, so that equal scores are equal bytes.
            writer.Add(key.Query, key.Pair, logit + 0f, tokens);
            _scored++;
        }
        _tokens += batch.Tokens;
        _paddedTokens += batch.PaddedTokens;
        observer?.Report(new ScoringProgress(_scored + _bad.Count, total));
    }

    /// <exception cref="UserError">It is not to be skipped.</exception>
    void PassOver(TextKey key, MissingPair place, float logit, int tokens)
    {
        var what = $"the model gave {logit} for {dataset.NameOf(place.Query, place.Candidate)} ({tokens} tokens)";
        if (!skipsBad)
            throw new UserError($"{what}; such a score is never stored",
                "an fp16 model that overflows is the usual cause: try precision: fp32, or a shorter max_length; " +
                "--skip-bad goes on without such pairs");
        _bad.Add(new BadScore(key, place, tokens));
        if (_bad.Count <= NamedBad) observer?.Note($"{what}: skipped");
        if (_bad.Count == NamedBad) observer?.Note("further pairs like these are counted, not named");
    }
}
