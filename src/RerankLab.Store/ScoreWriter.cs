using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>A session of scoring: inserts scores, commits every second between batches, checkpoints every ten.</summary>
sealed class ScoreWriter : IScoreWriter
{
    static readonly TimeSpan CommitEvery = TimeSpan.FromSeconds(1), CheckpointEvery = TimeSpan.FromSeconds(10);

    readonly SqliteConnection _connection;
    readonly SqliteCommand _insert;
    readonly byte[] _pairBytes = new byte[PairKey.Size];
    readonly SqliteParameter _query, _pair, _logit, _tokens, _crc;
    readonly long _session;
    readonly uint _ofScorer;
    readonly Stopwatch _sinceCommit = Stopwatch.StartNew(), _sinceCheckpoint = Stopwatch.StartNew();
    SqliteTransaction? _transaction;
    int _scored;
    bool _failed;

    public ScoreWriter(LabFile lab, ScorerIdentity scorer, ScorerBackend backend)
    {
        lab.BeginWriting();
        _connection = lab.Connection;
        SessionUid = Guid.CreateVersion7().ToString();
        using var beginning = _connection.BeginTransaction();
        var scorerId = ScorerTable.Keep(_connection, scorer);
        _session = _connection.ExecuteScalar<long>(
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
        RowCheck.Set(_connection, "session", "id = @_session", new { _session });
        beginning.Commit();
        _ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(scorer.Fingerprint));

        _insert = _connection.CreateCommand();
        _insert.CommandText =
            """
            INSERT INTO score (scorer, query, pair, logit, tokens, session, crc)
            VALUES ($scorer, $query, $pair, $logit, $tokens, $session, $crc) ON CONFLICT DO NOTHING
            """;
        _insert.Parameters.AddWithValue("$scorer", scorerId);
        _insert.Parameters.AddWithValue("$session", _session);
        _query = _insert.Parameters.Add("$query", SqliteType.Integer);
        _pair = _insert.Parameters.Add("$pair", SqliteType.Blob);
        _logit = _insert.Parameters.Add("$logit", SqliteType.Real);
        _tokens = _insert.Parameters.Add("$tokens", SqliteType.Integer);
        _crc = _insert.Parameters.Add("$crc", SqliteType.Integer);
        _pair.Value = _pairBytes;
        _insert.Prepare();
    }

    public string SessionUid { get; }

    public void Add(long query, PairKey pair, float logit, int tokens)
    {
        if (!float.IsFinite(logit)) throw new ArgumentOutOfRangeException(nameof(logit), "only finite logits are kept");
        _query.Value = query;
        pair.CopyTo(_pairBytes);
        _logit.Value = (double)logit;
        _tokens.Value = tokens;
        _crc.Value = RowCheck.OfScore(_ofScorer, query, pair, logit, tokens);
        try
        {
            _transaction ??= _insert.Transaction = _connection.BeginTransaction();
            _scored += _insert.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            Abandon();
            throw;
        }
    }

    public void EndBatch()
    {
        if (_sinceCommit.Elapsed < CommitEvery) return;
        Commit(ended: null);
        if (_sinceCheckpoint.Elapsed < CheckpointEvery) return;
        _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
        _sinceCheckpoint.Restart();
    }

    public void Dispose()
    {
        if (!_failed) Commit(ended: Now());
        _insert.Dispose();
    }

    /// <summary>Between commits no transaction is open: checkpoints and other writers get their turn.</summary>
    void Commit(string? ended)
    {
        try
        {
            _transaction ??= _connection.BeginTransaction();
            _connection.Execute("UPDATE session SET scored = @_scored, ended = @ended WHERE id = @_session", new { _scored, ended, _session }, _transaction);
            _transaction.Commit();
        }
        catch (SqliteException)
        {
            Abandon();
            throw;
        }
        _transaction.Dispose();
        _transaction = null;
        _sinceCommit.Restart();
    }

    /// <summary>After a failure (a full disk) nothing more is written, so that nothing hides the failure from the user.</summary>
    void Abandon()
    {
        _failed = true;
        _transaction?.Dispose();
        _transaction = null;
    }

    static string Now() => DateTimeOffset.UtcNow.ToString("O");
}
