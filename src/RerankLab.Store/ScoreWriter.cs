using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>
/// A session of scoring: gathers scores and writes them every second, in the order in which they stand on disk, in
/// one short transaction, so that others get their turn; checkpoints every ten.
/// </summary>
sealed class ScoreWriter : IScoreWriter
{
    static readonly TimeSpan CommitEvery = TimeSpan.FromSeconds(1), CheckpointEvery = TimeSpan.FromSeconds(10);

    /// <summary>Measured: docs/adr/0011.</summary>
    const int CommitAtLatest = 100_000;

    readonly record struct NewScore(long Query, PairKey Pair, float Logit, int Tokens, int Ordinal) : IComparable<NewScore>
    {
        /// <summary>As on disk; of two of one pair the first comes first.</summary>
        public int CompareTo(NewScore other) =>
            Query != other.Query ? Query.CompareTo(other.Query)
            : Pair != other.Pair ? Pair.Value.CompareTo(other.Pair.Value) : Ordinal.CompareTo(other.Ordinal);
    }

    readonly LabFile _lab;
    readonly List<NewScore> _waiting = [];
    readonly sqlite3_stmt _insert;
    readonly long _session;
    readonly uint _ofScorer;
    readonly Stopwatch _sinceCommit = Stopwatch.StartNew(), _sinceCheckpoint = Stopwatch.StartNew();
    int _scored;
    bool _failed;

    public ScoreWriter(LabFile lab, ScorerIdentity scorer, ScorerBackend backend)
    {
        lab.BeginWriting();
        _lab = lab;
        SessionUid = Guid.CreateVersion7().ToString();
        using var beginning = lab.BeginTransaction();
        var scorerId = ScorerTable.Keep(lab.Connection, scorer);
        _session = lab.Connection.ExecuteScalar<long>(
            """
            INSERT INTO session (uid, started, scored, device, provider, versions, host)
            VALUES (@uid, @started, 0, @Device, @Provider, @versions, @host) RETURNING id
            """,
            new
            {
                uid = SessionUid,
                started = Now(),
                backend.Device,
                backend.Provider,
                versions = JsonSerializer.Serialize(backend.Versions),
                host = JsonSerializer.Serialize(ThisMachine.Describe()),
            });
        RowCheck.Set(lab.Connection, "session", "id = @_session", new { _session });
        beginning.Commit();

        _ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(scorer.Fingerprint));
        // A score that is there stays, unless it is damaged.
        Check(raw.sqlite3_prepare_v2(lab.Connection.Handle,
            $"""
            INSERT INTO score (query, pair, logit, tokens, crc, scorer, session) VALUES (?, ?, ?, ?, ?, {scorerId}, {_session})
            ON CONFLICT DO UPDATE SET logit = excluded.logit, tokens = excluded.tokens, crc = excluded.crc, session = excluded.session
            WHERE NOT ({RowCheck.Holds("score")})
            """, out _insert));
    }

    public string SessionUid { get; }

    public void Add(long query, PairKey pair, float logit, int tokens)
    {
        if (!float.IsFinite(logit)) throw new ArgumentOutOfRangeException(nameof(logit), "only finite logits are kept");
        // SQLite keeps -0 as 0, and so must the check.
        _waiting.Add(new NewScore(query, pair, logit + 0f, tokens, _waiting.Count));
    }

    public void CommitIfDue()
    {
        if (_waiting.Count == 0 || _sinceCommit.Elapsed < CommitEvery && _waiting.Count < CommitAtLatest) return;
        Commit(ended: null);
        if (_sinceCheckpoint.Elapsed < CheckpointEvery) return;
        _lab.Connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        _sinceCheckpoint.Restart();
    }

    public void Dispose()
    {
        try
        {
            if (!_failed) Commit(ended: Now());
        }
        finally
        {
            _insert.Dispose();
        }
    }

    /// <summary>Between commits no transaction is open: checkpoints and other writers get their turn.</summary>
    void Commit(string? ended)
    {
        // After a failure (a full disk) nothing more is written, so that nothing hides the failure from the user.
        _failed = true;
        // Scorer and session are there: looking them up for each score would take three times as long as the rest (docs/adr/0011).
        _lab.Connection.Execute("PRAGMA foreign_keys = OFF");
        using (var transaction = _lab.BeginTransaction())
        {
            Insert();
            _lab.Connection.Execute("UPDATE session SET scored = @_scored, ended = @ended WHERE id = @_session",
                new { _scored, ended, _session }, transaction);
            transaction.Commit();
        }
        _lab.Connection.Execute("PRAGMA foreign_keys = ON");
        _failed = false;
        _sinceCommit.Restart();
    }

    void Insert()
    {
        _waiting.Sort();
        Span<byte> pair = stackalloc byte[PairKey.Size];
        foreach (ref readonly var score in CollectionsMarshal.AsSpan(_waiting))
        {
            score.Pair.CopyTo(pair);
            Check(raw.sqlite3_bind_int64(_insert, 1, score.Query));
            Check(raw.sqlite3_bind_blob(_insert, 2, pair));
            Check(raw.sqlite3_bind_double(_insert, 3, score.Logit));
            Check(raw.sqlite3_bind_int(_insert, 4, score.Tokens));
            Check(raw.sqlite3_bind_int(_insert, 5, RowCheck.OfScore(_ofScorer, score.Query, score.Pair, score.Logit, score.Tokens)));
            int result = raw.sqlite3_step(_insert);
            raw.sqlite3_reset(_insert);
            if (result != raw.SQLITE_DONE) Check(result);
            _scored += raw.sqlite3_changes(_lab.Connection.Handle);
        }
        _waiting.Clear();
    }

    void Check(int result) => SqliteException.ThrowExceptionForRC(result, _lab.Connection.Handle);

    static string Now() => DateTimeOffset.UtcNow.ToString("O");
}
