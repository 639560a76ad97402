namespace RerankLab.Core.Scoring;

/// <summary>
/// How many tokens a batch may have, padding included, as far as memory allows: halved when a batch finds none, grown back by a quarter
/// after a stretch of batches that found enough. Each failure doubles the stretch. May be used by several threads.
/// </summary>
sealed class BatchBudget
{
    /// <summary>Batches of about the budget's size that must succeed before it grows; and at most.</summary>
    public const int FirstPatience = 16, MostPatience = 4096;

    readonly Lock _lock = new();
    readonly int _limit;
    int _tokens, _patience = FirstPatience, _successes;

    /// <param name="limit">Tokens of a batch where memory is no matter.</param>
    public BatchBudget(int limit) => _tokens = _limit = limit;

    public int Tokens
    {
        get { lock (_lock) return _tokens; }
    }

    /// <summary>How often there was no memory.</summary>
    public int Failures { get; private set; }

    /// <summary>A batch found no memory.</summary>
    /// <param name="padded">Its tokens, padding included.</param>
    public void Fail(int padded)
    {
        lock (_lock)
        {
            // Of several batches in flight that fail together only the first halves it.
            _tokens = Math.Max(1, Math.Min(_tokens, padded / 2));
            if (Failures++ > 0) _patience = Math.Min(_patience * 2, MostPatience);
            _successes = 0;
        }
    }

    /// <summary>A batch was scored.</summary>
    /// <param name="padded">Its tokens, padding included.</param>
    public void Succeed(int padded)
    {
        lock (_lock)
        {
            if (_tokens == _limit || padded <= _tokens / 2 || ++_successes < _patience) return;
            _tokens = (int)Math.Min(_limit, _tokens + Math.Max(1L, _tokens / 4));
            _successes = 0;
        }
    }
}
