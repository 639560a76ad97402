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

    const int SecondsToWaitForALock = 5, SecondsToWaitAtTheEnd = 1;

    readonly bool _isNew;
    bool _inWal;

    LabFile(string path, SqliteConnection connection, bool isNew, bool inWal) =>
        (FullPath, Connection, _isNew, _inWal) = (path, connection, isNew, inWal);

    public string FullPath { get; }

    /// <summary>The folder that the paths recorded in this file are relative to.</summary>
    public string Folder => Path.GetDirectoryName(FullPath)!;

    internal SqliteConnection Connection { get; }

    /// <summary>Opens a lab file for reading; a read-only file will do.</summary>
    /// <exception cref="UserError">There is no such file, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForReading(string path) => Open(path, SqliteOpenMode.ReadOnly);

    /// <summary>Opens a lab file for writing, creating it where there is none.</summary>
    /// <exception cref="UserError">The file cannot be written, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForWriting(string path) => Open(path, SqliteOpenMode.ReadWriteCreate);

    /// <summary>
    /// Checkpoints, so that one closed file is left, unless others have it open: then the last writer does. A file that
    /// was made for work which then failed, and holds nothing, goes away again.
    /// </summary>
    public void Dispose()
    {
        bool isAlone = false, holdsNothing = false;
        try
        {
            if (_inWal)
            {
                Connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)", commandTimeout: SecondsToWaitAtTheEnd);
                holdsNothing = _isNew && Connection.ExecuteScalar<int>("SELECT (SELECT count(*) FROM scorer) + (SELECT count(*) FROM run)") == 0;
                // Stays "wal" while another process has this file open.
                isAlone = Connection.ExecuteScalar<string>("PRAGMA journal_mode = DELETE", commandTimeout: SecondsToWaitAtTheEnd) == "delete";
            }
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
        {
            // Everything is committed; that someone else still reads or writes is no failure of ours.
        }
        finally
        {
            Connection.Dispose();
        }
        if (holdsNothing && isAlone) File.Delete(FullPath);
    }

    /// <summary>Goes to WAL, which changes the file: not before there is something to write.</summary>
    internal void BeginWriting()
    {
        if (_inWal) return;
        Connection.ExecuteScalar("PRAGMA journal_mode = WAL");
        _inWal = true;
    }

    /// <summary>What a failure of SQLite means to the user; null for one that only a defect of rlab explains.</summary>
    public static UserError? Explain(DbException failure, string path) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        5 or 6 => new UserError($"{path}: another rlab is writing to this lab file", "wait until it has finished, or give this run a lab file of its own with --lab"),
        8 => ReadOnly(path),
        10 => new UserError($"{path}: reading or writing failed: {failure.Message}"),
        11 => new UserError($"{path}: the lab file is damaged: {failure.Message}", "keep it as it is, and try SQLite's own: sqlite3 lab.db .recover | sqlite3 recovered.db"),
        13 => new UserError($"{path}: the disk is full; what was committed is kept", "free some space and run again"),
        14 => new UserError($"{path}: cannot open this file: does its folder exist, and may you write there?"),
        26 => NotALabFile(path),
        1 when failure.Message.Contains("unsupported file format", StringComparison.Ordinal) => NotALabFile(path),
        _ => null,
    };

    static LabFile Open(string path, SqliteOpenMode mode)
    {
        var full = Path.GetFullPath(path);
        bool writes = mode != SqliteOpenMode.ReadOnly, isNew = !File.Exists(full);
        if (!writes && isNew)
            throw new UserError($"there is no lab file {path}", "rlab run EXPERIMENT.yaml makes one; --lab names another");

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = full,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = SecondsToWaitForALock,
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute("PRAGMA trusted_schema = OFF");
            var version = Check(connection, path);
            if (version == 0 && !writes)
                throw new UserError($"{path}: there is nothing in this lab file yet", "rlab run EXPERIMENT.yaml fills it; --lab names another");
            if (!writes) return new LabFile(full, connection, isNew: false, inWal: false);

            // SQLite opens what it cannot write as read-only; better told now than after the scoring.
            if (SQLitePCL.raw.sqlite3_db_readonly(connection.Handle, "main") == 1) throw ReadOnly(path);
            connection.Execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
            // A killed writer leaves a file that is in WAL already.
            var lab = new LabFile(full, connection, isNew, inWal: connection.ExecuteScalar<string>("PRAGMA journal_mode") == "wal");
            if (version < Migration.Latest)
            {
                lab.BeginWriting();
                Migration.Apply(connection, ApplicationId, version);
            }
            return lab;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            if (Explain(e, path) is { } explained) throw explained;
            throw;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
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

    static UserError ReadOnly(string path) =>
        new($"{path}: this lab file is read-only", "copy it to where you can write, and name the copy with --lab");

    static UserError NotALabFile(string path) =>
        new($"{path}: this is not a lab file of rlab", "name another with --lab, RLAB_LAB or lab: in the experiment");
}
