using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;

namespace RerankLab.Store;

/// <summary>
/// The SQLite file that holds scores and runs. Writers use WAL and <c>synchronous=FULL</c> while open, and leave one
/// closed file behind; readers never change the journal mode.
/// </summary>
public sealed class LabFile : IDisposable
{
    /// <summary>"RLAB" in ASCII.</summary>
    const int ApplicationId = 0x524C4142;

    /// <summary>SQLITE_READONLY_ROLLBACK.</summary>
    const int ReadOnlyRollback = 776;

    const int SecondsToWaitForALock = 5, SecondsToWaitAtTheEnd = 1;

    readonly string _shown;
    SqliteConnection? _connection;
    bool _inWal;

    LabFile(string path) => (_shown, FullPath) = (path, Path.GetFullPath(path));

    public string FullPath { get; }

    /// <summary>The folder that the paths recorded in this file are relative to.</summary>
    public string Folder => Path.GetDirectoryName(FullPath)!;

    /// <summary>False for a file that is made when there is something to write.</summary>
    internal bool Exists => _connection is not null;

    internal SqliteConnection Connection => _connection ?? throw new InvalidOperationException("the lab file is not made yet");

    /// <summary>Opens a lab file for reading; a read-only file will do.</summary>
    /// <exception cref="UserError">There is no such file, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForReading(string path)
    {
        var lab = new LabFile(path);
        if (!File.Exists(lab.FullPath))
            throw new UserError($"there is no lab file {path}", "rlab run EXPERIMENT.yaml makes one; --lab names another");
        lab.Connect(SqliteOpenMode.ReadOnly);
        return lab;
    }

    /// <summary>Opens a lab file for writing; where there is none, it is made as soon as there is something to write.</summary>
    /// <exception cref="UserError">The file cannot be written, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForWriting(string path)
    {
        var lab = new LabFile(path);
        if (!Directory.Exists(lab.Folder)) throw CannotOpen(path);
        if (Path.Exists(lab.FullPath)) lab.Connect(SqliteOpenMode.ReadWrite);
        return lab;
    }

    /// <summary>Checkpoints, so that one closed file is left, unless others have it open: then the last writer does.</summary>
    public void Dispose()
    {
        try
        {
            if (_inWal)
            {
                Connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)", commandTimeout: SecondsToWaitAtTheEnd);
                Connection.ExecuteScalar("PRAGMA journal_mode = DELETE", commandTimeout: SecondsToWaitAtTheEnd);
            }
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
        {
            // Everything is committed; that someone else still reads or writes is no failure of ours.
        }
        finally
        {
            _connection?.Dispose();
        }
    }

    /// <summary>Makes the file where there is none, and goes to WAL, which changes it: not before there is something to write.</summary>
    /// <exception cref="UserError">The file cannot be made.</exception>
    internal void BeginWriting()
    {
        if (!Exists) Connect(SqliteOpenMode.ReadWriteCreate);
        if (_inWal) return;
        Connection.ExecuteScalar("PRAGMA journal_mode = WAL");
        _inWal = true;
    }

    /// <summary>What a failure of SQLite means to the user; null for one that only a defect of rlab explains.</summary>
    public static UserError? Explain(DbException failure, string path) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        5 or 6 => new UserError($"{path}: another rlab is writing to this lab file",
            "wait until it has finished, or give this run a lab file of its own with --lab"),
        8 => ReadOnly(path),
        10 => new UserError($"{path}: reading or writing failed: {failure.Message}"),
        11 => new UserError($"{path}: the lab file is damaged: {failure.Message}",
            "keep it as it is, and try SQLite's own: sqlite3 lab.db .recover | sqlite3 recovered.db"),
        13 => new UserError($"{path}: the disk is full; what was committed is kept", "free some space and run again"),
        14 => CannotOpen(path),
        26 => NotALabFile(path),
        1 when failure.Message.Contains("unsupported file format", StringComparison.Ordinal) => NotALabFile(path),
        _ => null,
    };

    void Connect(SqliteOpenMode mode)
    {
        var connection = ConnectionTo(FullPath, mode);
        try
        {
            connection.Open();
            if (mode == SqliteOpenMode.ReadOnly) RollBackWhatAKillLeft(connection);
            connection.Execute("PRAGMA trusted_schema = OFF");
            RowCheck.AddFunction(connection.Handle!);
            var version = Check(connection, _shown);
            _connection = connection;
            if (mode != SqliteOpenMode.ReadOnly) PrepareToWrite(version);
            else if (version == 0)
                throw new UserError($"{_shown}: there is nothing in this lab file yet", "rlab run EXPERIMENT.yaml fills it; --lab names another");
        }
        catch (Exception e)
        {
            connection.Dispose();
            _connection = null;
            if (e is SqliteException failure && Explain(failure, _shown) is { } explained) throw explained;
            throw;
        }
    }

    static SqliteConnection ConnectionTo(string full, SqliteOpenMode mode) => new(new SqliteConnectionStringBuilder
    {
        DataSource = full,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = SecondsToWaitForALock,
    }.ToString());

    /// <summary>
    /// A writer that was killed just while it changed the journal mode leaves a rollback journal, which only a
    /// connection that may write can roll back.
    /// </summary>
    static void RollBackWhatAKillLeft(SqliteConnection reading)
    {
        const string read = "PRAGMA user_version";
        try
        {
            reading.ExecuteScalar(read);
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == ReadOnlyRollback)
        {
            using var writing = ConnectionTo(reading.DataSource, SqliteOpenMode.ReadWrite);
            writing.Open();
            writing.ExecuteScalar(read);
        }
    }

    void PrepareToWrite(int version)
    {
        // SQLite opens what it cannot write as read-only; better told now than after the scoring.
        if (SQLitePCL.raw.sqlite3_db_readonly(Connection.Handle, "main") == 1) throw ReadOnly(_shown);
        Connection.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        // A killed writer leaves a file that is in WAL already.
        _inWal = Connection.ExecuteScalar<string>("PRAGMA journal_mode") == "wal";
        if (version == Migration.Latest) return;
        BeginWriting();
        Migration.Apply(Connection, ApplicationId);
    }

    /// <summary>Refuses what is not ours or newer; the schema's version, 0 for a file that is still empty.</summary>
    static int Check(SqliteConnection connection, string path)
    {
        // One snapshot: another process may be making the file at this moment.
        using var snapshot = connection.BeginTransaction(deferred: true);
        var (application, version) = (connection.ExecuteScalar<int>("PRAGMA application_id"), connection.ExecuteScalar<int>("PRAGMA user_version"));
        bool isEmpty = connection.ExecuteScalar<int>("SELECT count(*) FROM sqlite_schema") == 0;
        if (application == 0 && version == 0 && isEmpty) return 0;
        if (application != ApplicationId || version < 0) throw NotALabFile(path);
        if (version > Migration.Latest)
            throw new UserError($"{path}: this lab file is of schema {version}, newer than this rlab knows ({Migration.Latest})", "update rlab");
        return version;
    }

    static UserError CannotOpen(string path) => new($"{path}: cannot open this file: does its folder exist, and may you write there?");

    static UserError ReadOnly(string path) =>
        new($"{path}: this lab file is read-only", "copy it to where you can write, and name the copy with --lab");

    static UserError NotALabFile(string path) =>
        new($"{path}: this is not a lab file of rlab", "name another with --lab, RLAB_LAB or lab: in the experiment");
}
