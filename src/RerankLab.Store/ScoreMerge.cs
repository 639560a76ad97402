namespace RerankLab.Store;

/// <summary>
/// The union of several lab files' scores of one scorer: all are read at once in the order of their keys, so that they are written in
/// that order and no more than one row of each is held.
/// </summary>
/// <param name="fingerprint">The scorer's.</param>
/// <param name="sources">The rows, and the sessions that they know by id.</param>
/// <param name="target">The target's rows; null where it has none.</param>
/// <param name="targetSessions">The target's sessions by id.</param>
/// <param name="write">Keeps a row with its session, and is told whether it replaces one; null to write nothing.</param>
/// <param name="count">Is told what became of each row.</param>
/// <param name="differences">Gets the scores that differ.</param>
sealed class ScoreMerge(string fingerprint, IReadOnlyList<(ScoreRows Rows, IReadOnlyDictionary<long, MergedSession> Sessions)> sources,
    ScoreRows? target, IReadOnlyDictionary<long, MergedSession> targetSessions, Action<ScoreRow, MergedSession, bool>? write,
    MergeCount count, Dictionary<(ScoringPlace, ScoringPlace), ScoreDifference> differences)
{
    /// <param name="progress">Is called after some thousands of rows with how many they were.</param>
    public void Run(Action<int> progress)
    {
        const int reportEvery = 1 << 16;
        int rows = 0;
        var more = sources.Select(s => s.Rows.Read()).ToArray();
        while (First(more) is { } next)
        {
            var (kept, isDamagedInTarget) = (default((ScoreRow Row, MergedSession Session)?), false);
            if (target?.Find(next.Query, next.Pair) is { } there)
            {
                isDamagedInTarget = !there.Holds;
                if (there.Holds) kept = (there, targetSessions.GetValueOrDefault(there.Session) ?? MergedSession.Unknown);
            }
            for (int s = 0; s < more.Length; s++)
            {
                if (!more[s] || !sources[s].Rows.Current.IsOfSamePair(next)) continue;
                var row = sources[s].Rows.Current;
                more[s] = sources[s].Rows.Read();
                if (++rows % reportEvery == 0) progress(reportEvery);

                if (!row.Holds || !sources[s].Sessions.TryGetValue(row.Session, out var session)) count.Damaged++;
                else if (kept is { } first) Compare(first.Row, first.Session, row, session);
                else
                {
                    write?.Invoke(row, session, isDamagedInTarget);
                    if (isDamagedInTarget) count.Repaired++;
                    else count.Added++;
                    kept = (row, session);
                }
            }
        }
        progress(rows % reportEvery);
    }

    /// <summary>The row that stands first of all that are still to come.</summary>
    ScoreRow? First(bool[] more)
    {
        ScoreRow? first = null;
        for (int s = 0; s < more.Length; s++)
            if (more[s] && (first is null || sources[s].Rows.Current.IsBefore(first.Value))) first = sources[s].Rows.Current;
        return first;
    }

    void Compare(in ScoreRow kept, MergedSession keptIn, in ScoreRow other, MergedSession otherIn)
    {
        count.Known++;
        if (kept.Logit == other.Logit) return;
        var places = (keptIn.Place, otherIn.Place);
        if (!differences.TryGetValue(places, out var difference))
            differences.Add(places, difference = new ScoreDifference(keptIn.Place, otherIn.Place));
        difference.Add(fingerprint, kept, other);
    }
}

/// <summary>A session of one of the files that are merged.</summary>
/// <param name="Uid">Its global id.</param>
/// <param name="Place">Where it was.</param>
sealed record MergedSession(string Uid, ScoringPlace Place)
{
    /// <summary>That of a score whose session is damaged.</summary>
    public static readonly MergedSession Unknown = new("", new ScoringPlace("unknown", "unknown", "{}"));

    /// <summary>Its id in the target, once it is there.</summary>
    public long TargetId { get; set; }
}
