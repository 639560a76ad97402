namespace RerankLab.Store;

/// <summary>What a merge is asked to do.</summary>
/// <param name="Sources">Lab files, which are only read.</param>
/// <param name="Into">The lab file that they go into; it need not exist.</param>
/// <param name="IsDryRun">True to say what would be done, and change nothing.</param>
public sealed record MergeSpec(IReadOnlyList<string> Sources, string Into, bool IsDryRun);

/// <summary>What a merge did, or would do.</summary>
/// <param name="Spec">What was asked.</param>
/// <param name="Counts">By what was merged: scorers, sessions, scores, candidates, qrels, runs, submissions.</param>
/// <param name="Differences">Scores that both sides have, with different logits: the one kept stands first.</param>
/// <param name="RunsLookedAt">Runs of either side by a scorer whose scores differ.</param>
/// <param name="Flips">Those of them that would rank otherwise with the merged scores.</param>
public sealed record MergeReport(MergeSpec Spec, IReadOnlyList<KeyValuePair<string, MergeCount>> Counts,
    IReadOnlyList<ScoreDifference> Differences, int RunsLookedAt, IReadOnlyList<RunFlips> Flips)
{
    /// <summary>Pairs whose scores differ, in all sessions.</summary>
    public long Differing => Differences.Sum(d => d.Scores);

    /// <summary>The largest difference; null where there is none.</summary>
    public ScoreDifference? Largest => Differences.MaxBy(d => d.Largest);

    /// <summary>Rows that were not copied because they do not agree with their check value, or belong to one that does not.</summary>
    public long Damaged => Counts.Sum(c => c.Value.Damaged);
}

/// <summary>What became of the sources' rows of one kind.</summary>
public sealed class MergeCount
{
    /// <summary>Not in the target before.</summary>
    public long Added { get; set; }

    /// <summary>In the target, or in a source before this one.</summary>
    public long Known { get; set; }

    /// <summary>Not copied.</summary>
    public long Damaged { get; set; }

    /// <summary>Damaged in the target, and replaced.</summary>
    public long Repaired { get; set; }
}

/// <summary>Where scores were made.</summary>
/// <param name="Device">The device.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Versions">JSON object.</param>
public sealed record ScoringPlace(string Device, string Provider, string Versions);

/// <summary>Scores of the same scorer and pairs, made in two places, that differ.</summary>
/// <param name="Kept">Where those that were kept were made.</param>
/// <param name="Other">Where those that were dropped were made.</param>
public sealed record ScoreDifference(ScoringPlace Kept, ScoringPlace Other)
{
    readonly HashSet<string> _scorers = [];

    /// <summary>The fingerprints of the scorers that made them.</summary>
    public IReadOnlySet<string> Scorers => _scorers;

    /// <summary>How many.</summary>
    public long Scores { get; private set; }

    /// <summary>The largest absolute difference of two logits.</summary>
    public double Largest { get; private set; } = -1;

    /// <summary>The fingerprint of the scorer, the query key, and the pair key in hex, of the largest difference.</summary>
    public (string Scorer, long Query, string Pair) At { get; private set; }

    /// <summary>The logits there.</summary>
    public (double Kept, double Other) Logits { get; private set; }

    internal void Add(string scorer, in ScoreRow kept, in ScoreRow other)
    {
        Scores++;
        _scorers.Add(scorer);
        double difference = Math.Abs(kept.Logit - other.Logit);
        if (difference <= Largest) return;
        (Largest, At, Logits) = (difference, (scorer, kept.Query, kept.Pair.ToString()), (kept.Logit, other.Logit));
    }
}

/// <summary>A run that would rank otherwise with the merged scores than it did with its own, which it keeps.</summary>
/// <param name="Uid">The run's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Queries">Its queries.</param>
/// <param name="Changed">Queries of which some documents would change places.</param>
public sealed record RunFlips(string Uid, string Name, int Queries, int Changed);
