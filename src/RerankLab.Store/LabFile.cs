using System.Data.Common;
using System.Diagnostics;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>
/// The SQLite file that holds scores and runs. Writers use WAL and <c>synchronous=FULL</c> while open, and leave one
/// closed file behind; readers never change the journal mode.
/// </summary>
public sealed class LabFile : IDisposable
{
    /// <summary>"RLAB" in ASCII.</summary>
    internal const int ApplicationId = 0x524C4142;

    /// <summary>SQLITE_READONLY_ROLLBACK.</summary>
    const int ReadOnlyRollback = 776;

    /// <summary>Measured: docs/adr/0011.</summary>
    const int PageSize = 8192, CacheKilobytes = 64 * 1024;

    const int SecondsToWaitForALock = 5, SecondsToWaitAtTheEnd = 1;

    readonly string _shown;
    readonly Action<string> _note;
    SqliteConnection? _connection;
    bool _inWal, _isOnNetwork;

    LabFile(string path, Action<string>? note, string? shown = null) =>
        (_shown, FullPath, _note) = (shown ?? path, Path.GetFullPath(path), note ?? (_ => { }));

    public string FullPath { get; }

    /// <summary>The folder that the paths recorded in this file are relative to.</summary>
    public string Folder => Path.GetDirectoryName(FullPath)!;

    /// <summary>False for a file that is made when there is something to write.</summary>
    internal bool Exists => _connection is not null;

    internal SqliteConnection Connection => _connection ?? throw new InvalidOperationException("the lab file is not made yet");

    /// <summary>How long a writer waits for another one, beyond the first five seconds: as long as a large merge takes.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Opens a lab file for reading; a read-only file will do, if it is of the latest schema.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <exception cref="UserError">There is no such file, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForReading(string path, Action<string>? note = null)
    {
        if (OpenIfCurrent(path, note) is { } lab) return lab;
        OpenForWriting(path, note).Dispose();
        return OpenIfCurrent(path, note)!;
    }

    /// <summary>Opens a lab file of the latest schema for reading; null, and nothing is changed, for an older one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <param name="shown">What messages call it, if not by its path.</param>
    /// <exception cref="UserError">There is no such file, or it is no lab file that this version can read.</exception>
    internal static LabFile? OpenIfCurrent(string path, Action<string>? note, string? shown = null)
    {
        var lab = new LabFile(path, note, shown);
        if (!File.Exists(lab.FullPath))
            throw new UserError($"there is no lab file {lab._shown}", "rlab run EXPERIMENT.yaml makes one; --lab names another");
        if (lab.Connect(SqliteOpenMode.ReadOnly) == Migration.Latest) return lab;
        lab.Disconnect();
        return null;
    }

    /// <summary>Opens a lab file for writing; where there is none, it is made as soon as there is something to write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <exception cref="UserError">The file cannot be written, or it is no lab file that this version can read.</exception>
    public static LabFile OpenForWriting(string path, Action<string>? note = null) => OpenForWriting(path, note, shown: null);

    /// <inheritdoc cref="OpenForWriting(string, Action{string}?)"/>
    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <param name="shown">What messages call it, if not by its path.</param>
    internal static LabFile OpenForWriting(string path, Action<string>? note, string? shown)
    {
        var lab = new LabFile(path, note, shown);
        if (!Directory.Exists(lab.Folder)) throw CannotOpen(lab._shown);
        if (Path.Exists(lab.FullPath)) lab.Connect(SqliteOpenMode.ReadWrite);
        return lab;
    }

    /// <summary>Opens a lab file for writing that must be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <exception cref="UserError">There is no such file, it cannot be written, or it is no lab file that this version can read.</exception>
    public static LabFile OpenExistingForWriting(string path, Action<string>? note = null)
    {
        // Says so where there is no such file.
        OpenForReading(path, note).Dispose();
        return OpenForWriting(path, note);
    }

    /// <summary>
    /// Writes the file anew without the room that deleted rows left, its rows packed in order; needs as much free space again, and
    /// nobody else to have it open. Killed in the midst, the file is what it was.
    /// </summary>
    /// <returns>Bytes before and after.</returns>
    /// <exception cref="UserError">Others have the file open, there is no room, or no such file.</exception>
    public static (long Before, long After) Compact(string path, Action<string>? note = null)
    {
        using var lab = OpenExistingForWriting(path, note);
        long before = new FileInfo(lab.FullPath).Length;
        if (lab._inWal) throw IsBusy(path, OtherProcesses.WithOpen(lab.FullPath));
        try
        {
            lab.Connection.Execute($"PRAGMA page_size = {PageSize}; VACUUM", commandTimeout: SecondsToWaitForALock);
        }
        catch (SqliteException e) when (Explain(e, path) is { } explained)
        {
            throw explained;
        }
        return (before, new FileInfo(lab.FullPath).Length);
    }

    /// <summary>Checkpoints, so that one closed file is left, unless others have it open: then the last writer does.</summary>
    /// <exception cref="UserError">The disk is full: everything is kept, in two files.</exception>
    public void Dispose()
    {
        if (!Exists) return;
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
        catch (SqliteException e) when (IsDiskFull(e))
        {
            throw new UserError($"{_shown}: the disk is full; nothing is lost, but what was written last stands in {_shown}-wal",
                $"keep {_shown}* together; free some space, and the next rlab run folds it in");
        }
        finally
        {
            Disconnect();
        }
    }

    /// <summary>Makes the file where there is none, and goes to WAL, which changes it: not before there is something to write.</summary>
    /// <exception cref="UserError">The file cannot be made.</exception>
    internal void BeginWriting()
    {
        if (!Exists) Connect(SqliteOpenMode.ReadWriteCreate);
        if (_inWal || _isOnNetwork) return;
        if (NetworkFileSystem.Of(Folder) is { } network)
        {
            _isOnNetwork = true;
            _note($"{_shown} is on a network file system ({network}), where SQLite's WAL is not safe: it is written the slow way; " +
                "let one rlab at a time use it, or work on a copy on a local disk");
            return;
        }
        Patiently(() => Connection.ExecuteScalar("PRAGMA journal_mode = WAL"));
        _inWal = true;
    }

    /// <summary>
    /// As <see cref="BeginWriting"/>, for a file that nobody else knows of and that is thrown away if anything fails: without a journal,
    /// and without waiting for the disk, which is for the caller.
    /// </summary>
    internal void BeginWritingWithoutJournal()
    {
        if (!Exists) Connect(SqliteOpenMode.ReadWriteCreate);
        Connection.Execute("PRAGMA synchronous = OFF");
        if (_inWal) Connection.ExecuteScalar("PRAGMA journal_mode = DELETE");
        Connection.ExecuteScalar("PRAGMA journal_mode = OFF");
        _inWal = false;
    }

    /// <summary>A second connection, for reading beside the first in another thread.</summary>
    internal SqliteConnection AnotherReader()
    {
        var connection = ConnectionTo(FullPath, SqliteOpenMode.ReadOnly);
        connection.Open();
        Harden(connection.Handle!);
        return connection;
    }

    /// <summary>Begins to write, as soon as whoever else writes has finished.</summary>
    /// <exception cref="UserError">They do not finish.</exception>
    internal SqliteTransaction BeginTransaction() => Patiently(Connection.BeginTransaction);

    /// <summary>Does what nobody else may be writing meanwhile for.</summary>
    T Patiently<T>(Func<T> work)
    {
        var waiting = Stopwatch.StartNew();
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return work();
            }
            catch (SqliteException e) when (e.SqliteErrorCode is 5 or 6)
            {
                var others = OtherProcesses.WithOpen(FullPath);
                if (waiting.Elapsed >= Patience) throw IsBusy(_shown, others);
                if (isFirst) _note($"waiting for {Described(others)}, which is writing to {_shown}");
            }
        }
    }

    /// <summary>Tells the user.</summary>
    internal void Note(string sentence) => _note(sentence);

    /// <summary>What a failure of SQLite means to the user; null for one that only a defect of rlab explains.</summary>
    public static UserError? Explain(DbException failure, string path) => (failure as SqliteException)?.SqliteErrorCode switch
    {
        5 or 6 => IsBusy(path, OtherProcesses.WithOpen(Path.GetFullPath(path))),
        8 => ReadOnly(path),
        _ when failure is SqliteException full && IsDiskFull(full) =>
            new UserError($"{path}: the disk is full; what was committed is kept", "free some space and run again"),
        10 => new UserError($"{path}: reading or writing failed: {failure.Message}"),
        11 => Damaged(path, failure.Message),
        14 => CannotOpen(path),
        26 => NotALabFile(path),
        1 when failure.Message.Contains("unsupported file format", StringComparison.Ordinal) => NotALabFile(path),
        _ => null,
    };

    /// <summary>Tells which rows of a table are not what was written.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">SQL for what the user knows a row by.</param>
    /// <param name="holds">The condition that a row is what was written.</param>
    /// <param name="where">Which rows are looked at.</param>
    /// <param name="consequence">What comes of it.</param>
    internal void NoteDamaged(string table, string name, string holds, string where = "TRUE", string consequence = "left out")
    {
        foreach (var row in Connection.Query<string>(
                     $"SELECT CAST(coalesce({name}, '') AS TEXT) FROM {table} WHERE {where} AND NOT ({holds})"))
            _note($"{_shown}: {table} {row} is damaged and {consequence}: rlab cache check says more");
    }

    /// <summary>The file is damaged: what is known of it, and what can be done.</summary>
    internal static UserError Damaged(string path, string how) => new($"{path}: the lab file is damaged: {how}",
        "take a good copy of it if you have one; else keep it as it is, and let SQLite's own tool save what it can: " +
        "sqlite3 lab.db .recover | sqlite3 recovered.db (docs/cache.md)");

    /// <summary>This lab file is damaged.</summary>
    internal UserError Damaged(string how) => Damaged(_shown, how);

    /// <summary>The schema's version.</summary>
    int Connect(SqliteOpenMode mode)
    {
        bool isUnclean = new FileInfo(FullPath + "-journal") is { Exists: true, Length: > 0 };
        var connection = ConnectionTo(FullPath, mode);
        try
        {
            connection.Open();
            Harden(connection.Handle!);
            if (mode == SqliteOpenMode.ReadOnly) RollBackWhatAKillLeft(connection);
            RowCheck.AddFunction(connection.Handle!);
            var version = Check(connection, _shown);
            _connection = connection;
            if (version == Migration.Latest && !Migration.IsSchemaOf(connection)) throw Damaged("its tables are not those that rlab made");
            if (mode != SqliteOpenMode.ReadOnly) PrepareToWrite(version, isUnclean);
            else if (version == 0)
                throw new UserError($"{_shown}: there is nothing in this lab file yet", "rlab run EXPERIMENT.yaml fills it; --lab names another");
            return version;
        }
        catch (Exception e)
        {
            connection.Dispose();
            _connection = null;
            if (e is SqliteException failure && Explain(failure, _shown) is { } explained) throw explained;
            throw;
        }
    }

    void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    internal static SqliteConnection ConnectionTo(string full, SqliteOpenMode mode) => new(new SqliteConnectionStringBuilder
    {
        DataSource = full,
        Mode = mode,
        Pooling = false,
        DefaultTimeout = SecondsToWaitForALock,
    }.ToString());

    /// <summary>A lab file may come from a stranger: nothing in it runs, and nothing in it reaches outside.</summary>
    static void Harden(sqlite3 connection)
    {
        foreach (var (option, value) in ((int, int)[])
            [(raw.SQLITE_DBCONFIG_DEFENSIVE, 1), (raw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (raw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
             (raw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)])
            if (raw.sqlite3_db_config(connection, option, value, out int set) != raw.SQLITE_OK || set != value)
                throw new InvalidOperationException($"SQLite refused its setting {option}");
    }

    /// <summary>
    /// A writer that was killed just while it changed the journal mode leaves a rollback journal, which only a
    /// connection that may write can roll back.
    /// </summary>
    static void RollBackWhatAKillLeft(SqliteConnection reading)
    {
        const string read = "PRAGMA user_version";
        try
        {
            PlainSql.Execute(reading, read);
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == ReadOnlyRollback)
        {
            using var writing = ConnectionTo(reading.DataSource, SqliteOpenMode.ReadWrite);
            writing.Open();
            PlainSql.Execute(writing, read);
        }
    }

    void PrepareToWrite(int version, bool isUnclean)
    {
        // SQLite opens what it cannot write as read-only; better told now than after the scoring.
        if (raw.sqlite3_db_readonly(Connection.Handle, "main") == 1)
            throw version is 0 || version == Migration.Latest ? ReadOnly(_shown) : new UserError(
                $"{_shown}: this lab file is of schema {version} and read-only; this rlab brings files to schema {Migration.Latest}",
                "copy it to where you can write, and name the copy with --lab");
        // Before the cache: SQLite counts the cache's pages when it is set, by the size that they have then.
        if (version == 0) PlainSql.Execute(Connection, $"PRAGMA page_size = {PageSize}");
        PlainSql.Execute(Connection, $"PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -{CacheKilobytes}");
        if (IsInWal()) isUnclean |= CloseForWhoeverDidNot();
        bool isOld = version > 0 && version < Migration.Latest;
        if (isUnclean || isOld) CheckQuickly();
        if (isUnclean) _note($"{_shown} was not closed by its last writer, which must have been killed; a quick check finds no damage");
        if (version == Migration.Latest) return;
        BeginWriting();
        Migration.Apply(this);
    }

    /// <summary>
    /// A file that is in WAL is in use, or its last writer was killed: then there is nobody to keep it from being closed, which
    /// folds the newest scores in.
    /// </summary>
    /// <returns>True where the last writer was killed.</returns>
    bool CloseForWhoeverDidNot()
    {
        // Not through a command, which waits for others.
        int result = raw.sqlite3_exec(Connection.Handle, "PRAGMA journal_mode = DELETE");
        _inWal = IsInWal();
        if (result is not (raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED))
            SqliteException.ThrowExceptionForRC(result, Connection.Handle);
        return !_inWal;
    }

    bool IsInWal()
    {
        bool isInWal = false;
        PlainSql.Read(Connection, "PRAGMA journal_mode", row => isInWal = raw.sqlite3_column_text(row, 0).utf8_to_string() == "wal");
        return isInWal;
    }

    void CheckQuickly()
    {
        var found = Connection.Query<string>("PRAGMA quick_check(3)").ToList();
        if (found is not ["ok"]) throw Damaged(string.Join("; ", found.Select(f => f.Replace('\n', ' '))));
    }

    /// <summary>Refuses what is not ours or newer; the schema's version, 0 for a file that is still empty.</summary>
    static int Check(SqliteConnection connection, string path)
    {
        // In one statement, which sees one snapshot: another process may be making the file at this moment.
        const string read = """
            SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version
            """;
        var (application, version, isEmpty) = (0, 0, false);
        PlainSql.Read(connection, read, row => (application, version, isEmpty) =
            (raw.sqlite3_column_int(row, 0), raw.sqlite3_column_int(row, 1), raw.sqlite3_column_int(row, 2) == 0));
        if (application == 0 && version == 0 && isEmpty) return 0;
        if (application != ApplicationId || version < 0) throw NotALabFile(path);
        if (version > Migration.Latest)
            throw new UserError($"{path}: this lab file is of schema {version}, newer than this rlab knows ({Migration.Latest})", "update rlab");
        return version;
    }

    static bool IsDiskFull(SqliteException failure) => failure.SqliteErrorCode == 13;

    static UserError CannotOpen(string path) => new($"{path}: cannot open this file: does its folder exist, and may you write there?");

    static UserError ReadOnly(string path) =>
        new($"{path}: this lab file is read-only", "copy it to where you can write, and name the copy with --lab");

    static UserError NotALabFile(string path) =>
        new($"{path}: this is not a lab file of rlab", "name another with --lab, RLAB_LAB or lab: in the experiment");

    static UserError IsBusy(string path, IReadOnlyList<string> others) => new($"{path}: {Described(others)} is writing to this lab file",
        "wait until it has finished, or give this run a lab file of its own with --lab");

    static string Described(IReadOnlyList<string> others) =>
        others.Count == 0 ? "another rlab" : $"another rlab ({string.Join("; ", others)})";
}
