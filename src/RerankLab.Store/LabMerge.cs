using Dapper;
using RerankLab.Core;
using RerankLab.Core.Comparison;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>
/// The union of lab files, by the global identities of what is in them: fingerprints of scorers, candidates and qrels, ids of sessions and
/// runs and submissions, keys of pairs. In one transaction: all of it or nothing.
/// </summary>
public sealed class LabMerge
{
    readonly MergeSpec _spec;
    readonly IReadOnlyList<LabFile> _sources;
    readonly LabFile? _target;
    readonly Action<string> _note;
    readonly Dictionary<(ScoringPlace, ScoringPlace), ScoreDifference> _differences = [];
    readonly MergeCount _scorers = new(), _sessions = new(), _scores = new(), _candidates = new(), _qrels = new(), _runs = new(),
        _submissions = new();

    /// <summary>What the target has by now, or would have after a dry run.</summary>
    readonly HashSet<string> _knownScorers, _knownSessions, _knownCandidates, _knownQrels, _knownRuns, _knownSubmissions;

    readonly HashSet<string> _damagedSubmissions;

    /// <summary>The runs of both sides, each where it can be loaded.</summary>
    readonly List<(RunRecord Run, RunStore Store)> _allRuns = [];

    LabMerge(MergeSpec spec, IReadOnlyList<LabFile> sources, LabFile? target, Action<string> note)
    {
        (_spec, _sources, _target, _note) = (spec, sources, target, note);
        (_knownScorers, _knownSessions) = (Known("fingerprint", "scorer"), Known("uid", "session"));
        (_knownCandidates, _knownQrels) = (Known("fingerprint", "candidates"), Known("fingerprint", "qrels"));
        (_knownRuns, _knownSubmissions) = (Known("uid", "run"), Known("uid", "submission"));
        _damagedSubmissions = Known("uid", $"submission WHERE NOT ({SubmissionStore.Intact})");
        if (_target is not null)
        {
            var store = new RunStore(_target);
            _allRuns.AddRange(store.Runs().Select(r => (r, store)));
        }
    }

    bool Writes => !_spec.IsDryRun;

    /// <param name="spec">What to merge.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <param name="progress">Is told how many scores are done.</param>
    /// <param name="stop">Ends the merge: nothing is changed then.</param>
    /// <exception cref="UserError">A file cannot be read or written, is no lab file, is newer, or is the target itself.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static MergeReport Run(MergeSpec spec, Action<string> note, IProgress<(long Done, long Total)>? progress, CancellationToken stop)
    {
        var into = Real(spec.Into);
        if (spec.Sources.FirstOrDefault(s => Real(s) == into) is { } same)
            throw new UserError($"{same} is the lab file to merge into: it cannot be a source too");
        var opened = new List<UntouchedLab>();
        try
        {
            foreach (var source in spec.Sources.DistinctBy(Real)) opened.Add(UntouchedLab.Open(source, note));
            var sources = InOrder(opened.Select(o => o.Lab));
            if (spec.IsDryRun)
            {
                using var target = File.Exists(spec.Into) ? UntouchedLab.Open(spec.Into, note) : null;
                return new LabMerge(spec, sources, target?.Lab, note).Merge(progress, stop);
            }
            using var writing = WholeLab.Open(spec.Into, note);
            var report = new LabMerge(spec, sources, writing.Lab, note).Merge(progress, stop);
            writing.Keep();
            return report;
        }
        finally
        {
            foreach (var source in opened) source.Dispose();
        }
    }

    MergeReport Merge(IProgress<(long Done, long Total)>? progress, CancellationToken stop)
    {
        // What a row refers to is looked up here; to have it checked again, row by row, takes a third of the time.
        if (Writes) _target!.Connection.Execute("PRAGMA foreign_keys = OFF");
        using (var transaction = Writes ? _target!.BeginTransaction() : null)
        {
            foreach (var source in _sources) MergeScorers(source);
            var sessions = _sources.Select(MergeSessions).ToList();
            MergeScores(sessions, progress, stop);
            foreach (var source in _sources)
            {
                stop.ThrowIfCancellationRequested();
                MergeRuns(source);
            }
            foreach (var source in _sources) MergeSubmissions(source);
            transaction?.Commit();
        }
        var (lookedAt, flips) = FindFlips();
        return new MergeReport(_spec,
            [
                new("scorers", _scorers), new("sessions", _sessions), new("scores", _scores),
                new("candidates", _candidates), new("qrels", _qrels), new("runs", _runs),
                new("submissions", _submissions),
            ],
            [.. _differences.Values.OrderByDescending(d => d.Scores)], lookedAt, flips);
    }

    /// <summary>
    /// The same whatever order they are named in, so that of two sources' scores of one pair the same is kept: by the ids of their
    /// sessions, which begin with the time.
    /// </summary>
    static List<LabFile> InOrder(IEnumerable<LabFile> sources) =>
        [.. sources.OrderBy(
            s => string.Join(' ', s.Connection.Query<string>("SELECT uid FROM session ORDER BY uid")), StringComparer.Ordinal)];

    void MergeScorers(LabFile source)
    {
        foreach (var (id, fingerprint, kind, spec, holds) in source.Connection.Query<(long, string, string, string, bool)>(
                     $"SELECT id, fingerprint, kind, spec, {RowCheck.Holds("scorer")} FROM scorer ORDER BY id").ToList())
        {
            if (!holds || new ScorerIdentity(kind, "", "", spec).Fingerprint != fingerprint)
            {
                _scorers.Damaged++;
                continue;
            }
            Count(_scorers, _knownScorers.Add(fingerprint));
            if (!Writes) continue;
            RowCopy.Scorer(source, id, _target!);
        }
    }

    /// <summary>The source's sessions by their ids there.</summary>
    Dictionary<long, MergedSession> MergeSessions(LabFile source)
    {
        var sessions = SessionsOf(source);
        _sessions.Damaged += source.Connection.ExecuteScalar<long>("SELECT count(*) FROM session") - sessions.Count;
        foreach (var (id, session) in sessions)
        {
            Count(_sessions, _knownSessions.Add(session.Uid));
            if (!Writes) continue;
            session.TargetId = RowCopy.Session(source, id, _target!);
        }
        return sessions;
    }

    void MergeScores(List<Dictionary<long, MergedSession>> sessions, IProgress<(long Done, long Total)>? progress, CancellationToken stop)
    {
        long total = progress is null ? 0 : _sources.Sum(s => s.Connection.ExecuteScalar<long>("SELECT count(*) FROM score")), done = 0;
        var targetSessions = _target is null ? [] : SessionsOf(_target);
        var scorers = _sources.SelectMany((s, i) => ScorersOf(s).Select(scorer => (Source: i, scorer.Id, scorer.Fingerprint)))
            .GroupBy(s => s.Fingerprint).OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var scorer in scorers)
        {
            if (!_knownScorers.Contains(scorer.Key))
            {
                // Damaged: the check value of its scores begins with its fingerprint.
                _scores.Damaged += scorer.Sum(s => ScoresOf(_sources[s.Source], s.Id));
                continue;
            }
            var rows = scorer
                .Select(s => (Rows: new ScoreRows(_sources[s.Source], s.Id, scorer.Key), Sessions: sessions[s.Source])).ToList();
            long? id = _target?.Connection.ExecuteScalar<long?>("SELECT id FROM scorer WHERE fingerprint = @Key", new { scorer.Key });
            using var target = id is { } known && HasScores(_target!, known) ? new ScoreRows(_target!, known, scorer.Key) : null;
            using var writer = Writes ? new ScoreRowWriter(_target!, id!.Value) : null;
            try
            {
                var union = new ScoreMerge(scorer.Key, [.. rows], target, targetSessions,
                    writer is null ? null : (row, session, replaces) => writer.Write(row, session.TargetId, replaces),
                    _scores, _differences);
                union.Run(rows =>
                {
                    stop.ThrowIfCancellationRequested();
                    progress?.Report((done += rows, total));
                });
            }
            finally
            {
                foreach (var (r, _) in rows) r.Dispose();
            }
        }
    }

    void MergeRuns(LabFile source)
    {
        var store = new RunStore(source);
        var records = store.Runs();
        _runs.Damaged += source.Connection.ExecuteScalar<long>("SELECT count(*) FROM run") - records.Count;
        foreach (var run in records.Reverse())
        {
            if (_knownRuns.Contains(run.Uid))
            {
                _runs.Known++;
                continue;
            }
            if (WhyNotCopied(run, store) is { } why)
            {
                _runs.Damaged++;
                _note($"run '{run.Name}' ({run.Uid}) is not copied: {why}");
                continue;
            }
            CopyRun(source, run);
            _knownRuns.Add(run.Uid);
            _runs.Added++;
            _allRuns.Add((run, store));
        }
    }

    /// <summary>Null for a run that is whole, with all that it refers to.</summary>
    string? WhyNotCopied(RunRecord run, RunStore store)
    {
        if (!_knownScorers.Contains(run.ScorerFingerprint)) return "its scorer is damaged";
        if (run.SessionUid is { } session && !_knownSessions.Contains(session)) return "its session is damaged";
        try
        {
            store.Load(run);
            return null;
        }
        catch (UserError e)
        {
            return e.Message;
        }
    }

    void CopyRun(LabFile source, RunRecord run)
    {
        var (id, candidates, candidatesFingerprint, qrels, qrelsFingerprint) = source.Connection.QuerySingle<(
            long, long, string, long?, string?)>(
            """
            SELECT run.id, run.candidates, candidates.fingerprint, run.qrels, qrels.fingerprint
            FROM run JOIN candidates ON candidates.id = run.candidates LEFT JOIN qrels ON qrels.id = run.qrels WHERE run.uid = @Uid
            """, run);
        if (Count(_candidates, _knownCandidates.Add(candidatesFingerprint)) && Writes)
            CopyList(source, "candidates", candidates, "candidate_query", "ordinal, qid, query, documents, scores, pairs, crc");
        if (qrels is { } judged && Count(_qrels, _knownQrels.Add(qrelsFingerprint!)) && Writes)
            CopyList(source, "qrels", judged, "qrels_query", "ordinal, qid, labels, crc");
        if (!Writes) return;

        const string plain =
            """
            uid, name, started, status, depth, experiment, overrides, experiment_path, setup, queries, pairs, unique_pairs, hits, misses,
            scored, truncated, tokens, padded_tokens, seconds, cost, currency, environment, git_commit, git_dirty, tags, crc
            """;
        var columns = plain.Split(',', StringSplitOptions.TrimEntries);
        int n = columns.Length;
        RowCopy.Rows(source,
            $"""
            SELECT {string.Join(", ", columns.Select(c => $"run.{c}"))},
                candidates.fingerprint, scorer.fingerprint, qrels.fingerprint, session.uid
            FROM run JOIN candidates ON candidates.id = run.candidates JOIN scorer ON scorer.id = run.scorer
            LEFT JOIN qrels ON qrels.id = run.qrels LEFT JOIN session ON session.id = run.session WHERE run.id = @id
            """, id, _target!,
            $"""
            INSERT INTO run ({plain}, candidates, scorer, qrels, session) VALUES ({Parameters(1, n)},
                (SELECT id FROM candidates WHERE fingerprint = ?{n + 1}), (SELECT id FROM scorer WHERE fingerprint = ?{n + 2}),
                (SELECT id FROM qrels WHERE fingerprint = ?{n + 3}), (SELECT id FROM session WHERE uid = ?{n + 4}))
            """);
        RowCopy.Rows(source, "SELECT hash, data FROM logits WHERE id IN (SELECT logits FROM run_query WHERE run = @id)", id, _target!,
            "INSERT INTO logits (hash, data) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        RowCopy.Rows(source,
            """
            SELECT run.uid, ordinal, logits.hash, run_query.crc
            FROM run_query JOIN run ON run.id = run_query.run JOIN logits ON logits.id = run_query.logits WHERE run = @id
            """, id, _target!,
            """
            INSERT INTO run_query (run, ordinal, logits, crc)
            SELECT run.id, ?2, logits.id, ?4 FROM run, logits WHERE run.uid = ?1 AND logits.hash = ?3
            """);
        RowCopy.Rows(source,
            $"""
            SELECT run.uid, qrels.fingerprint, measure.query, measure.name, measure.value, measure.crc
            FROM measure JOIN run ON run.id = measure.run JOIN qrels ON qrels.id = measure.qrels
            WHERE run = @id AND {RowCheck.Holds("measure")} ORDER BY measure.rowid
            """, id, _target!,
            """
            INSERT INTO measure (run, qrels, query, name, value, crc)
            SELECT run.id, qrels.id, ?3, ?4, ?5, ?6 FROM run, qrels WHERE run.uid = ?1 AND qrels.fingerprint = ?2
            """);
    }

    /// <summary>No row ever changes: those of all files are put together. Their runs are there by now, if they are whole.</summary>
    void MergeSubmissions(LabFile source)
    {
        var submissions = source.Connection.Query<(long Id, string Uid, string Run)>(
            $"""
            SELECT submission.id, submission.uid, run.uid
            FROM submission JOIN run ON run.id = submission.run WHERE {SubmissionStore.Intact} ORDER BY submission.uid
            """).Where(s => _knownRuns.Contains(s.Run)).ToList();
        _submissions.Damaged += source.Connection.ExecuteScalar<long>("SELECT count(*) FROM submission") - submissions.Count;
        foreach (var (id, uid, _) in submissions)
        {
            bool isRepaired = _damagedSubmissions.Remove(uid);
            if (isRepaired) _submissions.Repaired++;
            else if (!Count(_submissions, _knownSubmissions.Add(uid))) continue;
            if (!Writes) continue;
            if (isRepaired) _target!.Connection.Execute("DELETE FROM submission WHERE uid = @uid", new { uid });
            RowCopy.Rows(source,
                """
                SELECT submission.uid, run.uid, at, board, public_score, private_score, note, submission.crc
                FROM submission JOIN run ON run.id = submission.run WHERE submission.id = @id
                """, id, _target!,
                """
                INSERT INTO submission (uid, run, at, board, public_score, private_score, note, crc)
                VALUES (?1, (SELECT id FROM run WHERE uid = ?2), ?3, ?4, ?5, ?6, ?7, ?8)
                """);
        }
    }

    /// <summary>Copies candidates or qrels, which are a row with a fingerprint and a list.</summary>
    void CopyList(LabFile source, string table, long id, string list, string columns)
    {
        RowCopy.Rows(source, $"SELECT fingerprint FROM {table} WHERE id = @id", id, _target!,
            $"INSERT INTO {table} (fingerprint) VALUES (?1)");
        var there = _target!.Connection.ExecuteScalar<long>("SELECT last_insert_rowid()");
        RowCopy.Rows(source, $"SELECT {columns} FROM {list} WHERE {table} = @id ORDER BY ordinal", id, _target,
            $"INSERT INTO {list} ({table}, {columns}) VALUES ({there}, {Parameters(1, columns.Count(c => c == ',') + 1)})");
    }

    /// <summary>Runs of either side that would rank otherwise with the merged scores.</summary>
    (int LookedAt, IReadOnlyList<RunFlips> Flips) FindFlips()
    {
        var differing = _differences.Values.SelectMany(d => d.Scorers).ToHashSet();
        var (lookedAt, flips) = (0, new List<RunFlips>());
        foreach (var (run, store) in _allRuns.Where(r => differing.Contains(r.Run.ScorerFingerprint)))
        {
            var data = store.Load(run);
            if (data.Keys is null || data.Logits is null) continue;
            lookedAt++;
            int changed = OrderChanges.QueriesThatChange(data, run.Depth, MergedScores(run.ScorerFingerprint, data));
            if (changed > 0) flips.Add(new RunFlips(run.Uid, run.Name, data.Candidates.Count, changed));
        }
        return (lookedAt, flips);
    }

    /// <summary>The target's scores, after a merge or a dry run: where it has none, the first source's.</summary>
    PairScores MergedScores(string fingerprint, RunData data)
    {
        var scores = new PairScores(data.Keys!);
        foreach (var lab in _sources.Reverse().Append(_target).OfType<LabFile>())
            if (ScorersOf(lab).FirstOrDefault(s => s.Fingerprint == fingerprint) is { Spec: { } spec })
                new ScoreCache(lab).Find(new ScorerIdentity("", "", "", spec), data.Keys!, scores);
        return scores;
    }

    HashSet<string> Known(string column, string from) =>
        _target is null ? [] : [.. _target.Connection.Query<string>($"SELECT {column} FROM {from}")];

    static bool Count(MergeCount count, bool isNew)
    {
        if (isNew) count.Added++;
        else count.Known++;
        return isNew;
    }

    static IEnumerable<(long Id, string Fingerprint, string Spec)> ScorersOf(LabFile lab) =>
        lab.Connection.Query<(long, string, string)>("SELECT id, fingerprint, spec FROM scorer").ToList();

    static Dictionary<long, MergedSession> SessionsOf(LabFile lab) =>
        lab.Connection.Query<(long Id, string Uid, string Device, string Provider, string Versions)>(
                $"SELECT id, uid, device, provider, versions FROM session WHERE {RowCheck.Holds("session")} ORDER BY uid")
            .ToDictionary(s => s.Id, s => new MergedSession(s.Uid, new ScoringPlace(s.Device, s.Provider, s.Versions)));

    static long ScoresOf(LabFile lab, long scorer) =>
        lab.Connection.ExecuteScalar<long>("SELECT count(*) FROM score WHERE scorer = @scorer", new { scorer });

    static bool HasScores(LabFile lab, long scorer) =>
        lab.Connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM score WHERE scorer = @scorer)", new { scorer });

    static string Parameters(int first, int count) => string.Join(", ", Enumerable.Range(first, count).Select(n => $"?{n}"));

    static string Real(string path) => RealFile.Of(path).FullName;
}
