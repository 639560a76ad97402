using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>Logits and lengths of an experiment's pairs, by query and candidate.</summary>
public sealed class PairScores
{
    readonly bool _takesDamaged;

    /// <summary>Which queries have a score, and with it rows of their own.</summary>
    readonly bool[] _hasAny;

    int _damaged;

    /// <param name="keys">The pairs.</param>
    /// <param name="takesDamaged">True to look at scores that do not agree with their check value, too.</param>
    public PairScores(IReadOnlyList<QueryKeys> keys, bool takesDamaged = false)
    {
        _takesDamaged = takesDamaged;
        (Logits, Tokens, _hasAny) = (new float[keys.Count][], new int[keys.Count][], new bool[keys.Count]);
        // Queries without any score share a row for each length: while pairs are scored, mostly all do.
        var unknown = new Dictionary<int, (float[] Logits, int[] Tokens)>();
        for (int q = 0; q < keys.Count; q++)
        {
            int length = keys[q].Pairs.Length;
            if (!unknown.TryGetValue(length, out var row))
                unknown.Add(length, row = ([.. Enumerable.Repeat(float.NaN, length)], new int[length]));
            (Logits[q], Tokens[q]) = row;
        }
    }

    /// <summary>NaN where a pair has no score. To be changed by <see cref="Set"/> alone.</summary>
    public float[][] Logits { get; }

    /// <summary>Lengths before truncation; 0 where a pair has no score.</summary>
    public int[][] Tokens { get; }

    /// <summary>Pairs whose score does not agree with its check value: damaged on disk, or changed by hand.</summary>
    public int Damaged => _damaged;

    /// <summary>Pairs without a score.</summary>
    public int Missing => Logits.Sum(l => l.Count(float.IsNaN));

    public bool Has(int query, int candidate) => !float.IsNaN(Logits[query][candidate]);

    /// <summary>Sets a score; several threads may, each for queries of its own.</summary>
    public void Set(int query, int candidate, float logit, int tokens)
    {
        if (!_hasAny[query]) (Logits[query], Tokens[query], _hasAny[query]) = ([.. Logits[query]], [.. Tokens[query]], true);
        (Logits[query][candidate], Tokens[query][candidate]) = (logit, tokens);
    }

    /// <summary>A score that does not agree with its check value: it counts as none, unless such scores are to be looked at.</summary>
    public void SetDamaged(int query, int candidate, float logit, int tokens)
    {
        Interlocked.Increment(ref _damaged);
        if (_takesDamaged && float.IsFinite(logit)) Set(query, candidate, logit, tokens);
    }

    /// <summary>The deepest rank down to which every query is scored.</summary>
    /// <param name="isGivenUp">Tells, by query and candidate, which pairs without a score do not count; null where all do.</param>
    public int CompleteDepth(Func<int, int, bool>? isGivenUp = null)
    {
        int depth = Logits.Length == 0 ? 0 : Logits.Max(l => l.Length);
        for (int q = 0; q < Logits.Length; q++)
            for (int c = 0; c < Math.Min(depth, Logits[q].Length); c++)
                if (!Has(q, c) && isGivenUp?.Invoke(q, c) != true) depth = c;
        return depth;
    }
}
