using System.Text;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using RerankLab.Core.Keys;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>A row of the score table, as it is.</summary>
/// <param name="Query">The query key.</param>
/// <param name="Pair">The pair key.</param>
/// <param name="Logit">The logit; anything, where the row is damaged.</param>
/// <param name="Tokens">The pair's length before truncation.</param>
/// <param name="Session">The session's id in this lab file.</param>
/// <param name="Crc">The check value.</param>
/// <param name="Holds">Whether the row is what was written, by its check value, and a finite float32.</param>
readonly record struct ScoreRow(long Query, PairKey Pair, double Logit, int Tokens, long Session, int Crc, bool Holds)
{
    public bool IsBefore(in ScoreRow other) => Query != other.Query ? Query < other.Query : Pair.Value < other.Pair.Value;

    public bool IsOfSamePair(in ScoreRow other) => Query == other.Query && Pair == other.Pair;
}

/// <summary>The scores of one scorer in the order in which they stand on disk: by query key, then by pair key.</summary>
sealed class ScoreRows : IDisposable
{
    readonly LabFile _lab;
    readonly sqlite3 _connection;
    readonly sqlite3_stmt _all, _one;
    readonly uint _ofScorer;

    /// <param name="lab">The lab file.</param>
    /// <param name="scorer">The scorer's id in it.</param>
    /// <param name="fingerprint">The scorer's fingerprint.</param>
    public ScoreRows(LabFile lab, long scorer, string fingerprint)
    {
        (_lab, _connection) = (lab, lab.Connection.Handle!);
        _ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(fingerprint));
        const string select = "SELECT query, pair, logit, tokens, session, crc FROM score WHERE scorer =";
        Check(raw.sqlite3_prepare_v2(_connection, $"{select} {scorer} ORDER BY query, pair", out _all));
        Check(raw.sqlite3_prepare_v2(_connection, $"{select} {scorer} AND query = ? AND pair = ?", out _one));
    }

    /// <summary>The row that <see cref="Read"/> came to.</summary>
    public ScoreRow Current { get; private set; }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="UserError">The file is damaged.</exception>
    public bool Read()
    {
        if (!Step(_all)) return false;
        Current = Row(_all);
        return true;
    }

    /// <summary>The row of a pair; null where there is none.</summary>
    public ScoreRow? Find(long query, PairKey pair)
    {
        Span<byte> key = stackalloc byte[PairKey.Size];
        pair.CopyTo(key);
        Check(raw.sqlite3_bind_int64(_one, 1, query));
        Check(raw.sqlite3_bind_blob(_one, 2, key));
        ScoreRow? row = Step(_one) ? Row(_one) : null;
        raw.sqlite3_reset(_one);
        return row;
    }

    public void Dispose()
    {
        _all.Dispose();
        _one.Dispose();
    }

    ScoreRow Row(sqlite3_stmt row)
    {
        long query = raw.sqlite3_column_int64(row, 0);
        var key = raw.sqlite3_column_blob(row, 1);
        var pair = key.Length == PairKey.Size ? PairKey.From(key) : default;
        double logit = raw.sqlite3_column_double(row, 2);
        int tokens = raw.sqlite3_column_int(row, 3), crc = raw.sqlite3_column_int(row, 5);
        bool holds = key.Length == PairKey.Size && float.IsFinite((float)logit)
            && RowCheck.OfScore(_ofScorer, query, pair, logit, tokens) == crc;
        return new ScoreRow(query, pair, logit, tokens, raw.sqlite3_column_int64(row, 4), crc, holds);
    }

    bool Step(sqlite3_stmt statement)
    {
        int result = raw.sqlite3_step(statement);
        // Of several files, the one that is meant.
        if (result == raw.SQLITE_CORRUPT) throw _lab.Damaged(raw.sqlite3_errmsg(_connection).utf8_to_string());
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE)) Check(result);
        return result == raw.SQLITE_ROW;
    }

    void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}

/// <summary>Writes score rows with the check values that they have, under one scorer.</summary>
sealed class ScoreRowWriter : IDisposable
{
    readonly sqlite3 _connection;
    readonly sqlite3_stmt _insert, _delete;

    /// <param name="lab">The lab file, in a transaction.</param>
    /// <param name="scorer">The scorer's id in it.</param>
    public ScoreRowWriter(LabFile lab, long scorer)
    {
        _connection = lab.Connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_connection,
            $"INSERT INTO score (query, pair, logit, tokens, session, crc, scorer) VALUES (?, ?, ?, ?, ?, ?, {scorer})", out _insert));
        Check(raw.sqlite3_prepare_v2(_connection, $"DELETE FROM score WHERE query = ? AND pair = ? AND scorer = {scorer}", out _delete));
    }

    /// <param name="row">The row.</param>
    /// <param name="session">Its session's id in this lab file.</param>
    /// <param name="replaces">Whether there is a row of this pair already; not by OR REPLACE, which costs every row a savepoint.</param>
    public void Write(in ScoreRow row, long session, bool replaces)
    {
        if (replaces) Run(_delete, row);
        Check(raw.sqlite3_bind_double(_insert, 3, row.Logit));
        Check(raw.sqlite3_bind_int(_insert, 4, row.Tokens));
        Check(raw.sqlite3_bind_int64(_insert, 5, session));
        Check(raw.sqlite3_bind_int(_insert, 6, row.Crc));
        Run(_insert, row);
    }

    public void Dispose()
    {
        _insert.Dispose();
        _delete.Dispose();
    }

    void Run(sqlite3_stmt statement, in ScoreRow row)
    {
        Span<byte> key = stackalloc byte[PairKey.Size];
        row.Pair.CopyTo(key);
        Check(raw.sqlite3_bind_int64(statement, 1, row.Query));
        Check(raw.sqlite3_bind_blob(statement, 2, key));
        int result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE) Check(result);
    }

    void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
