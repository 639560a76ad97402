using System.Runtime.InteropServices;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;

namespace RerankLab.Store.Tests;

/// <summary>Reading where nothing may be written, and reading what a killed writer left.</summary>
public class ReadingTests
{
    [Fact]
    public void A_read_only_file_in_a_read_only_folder_is_read()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 100);
        Protected(folder, path, () =>
        {
            Assert.Equal([1f, 2f, 3f], Labs.Scores(path, 3));
            using var lab = LabFile.OpenForReading(path);
            Assert.Empty(new RunStore(lab).Runs());
        });
        Assert.Equal(["lab.db"], Labs.FilesOf(path));
    }

    [Fact]
    public void A_read_only_file_is_not_written()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        var before = File.ReadAllBytes(path);
        Protected(folder, path, () =>
        {
            // SQLite opens it read-only, so that the first change fails.
            var error = Assert.Throws<UserError>(() => LabFile.OpenForWriting(path));
            Assert.Equal($"{path}: this lab file is read-only", error.Message);
            Assert.Contains("--lab", error.Hint);
        });
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(["lab.db"], Labs.FilesOf(path));
    }

    [Fact]
    public void In_a_read_only_folder_no_lab_file_is_made()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Protected(folder, path, () =>
        {
            var error = Assert.Throws<UserError>(() => Labs.Write(folder["new.db"]));
            Assert.Contains("may you write there?", error.Message);
        });
        Assert.False(File.Exists(folder["new.db"]));
    }

    [Fact]
    public void What_a_killed_writer_left_is_read_with_its_newest_scores_and_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var path = LeftByAKill(folder);
        var (main, wal) = (File.ReadAllBytes(path), File.ReadAllBytes(path + "-wal"));

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal([1f, 2f, 3f, 4f], Labs.Scores(path, 4));
            Assert.True(Labs.IsWal(path));
        }

        Assert.Equal(main, File.ReadAllBytes(path));
        Assert.Equal(wal, File.ReadAllBytes(path + "-wal"));
    }

    [Fact]
    public void What_a_killed_writer_left_is_folded_in_by_the_next_writer()
    {
        using var folder = new TemporaryFolder();
        var path = LeftByAKill(folder);

        LabFile.OpenForWriting(path).Dispose();

        Labs.AssertOneClosedFile(path);
        Assert.Equal([1f, 2f, 3f, 4f], Labs.Scores(path, 4));
    }

    [Fact]
    public void A_killed_writers_file_copied_without_its_wal_still_has_what_was_folded_in()
    {
        using var folder = new TemporaryFolder();
        var path = LeftByAKill(folder);
        File.Copy(path, folder["alone.db"]);

        Assert.Equal([1f, 2f, 3f, float.NaN], Labs.Scores(folder["alone.db"], 4));
        Assert.True(Labs.IsWal(folder["alone.db"]));

        LabFile.OpenForWriting(folder["alone.db"]).Dispose();
        Labs.AssertOneClosedFile(folder["alone.db"]);
    }

    [Fact]
    public void A_killed_writers_session_has_no_end()
    {
        using var folder = new TemporaryFolder();
        var path = LeftByAKill(folder);

        LabFile.OpenForWriting(path).Dispose();

        Assert.Equal([false, false, true], Labs.Rows<bool>(path, "SELECT ended IS NULL FROM session ORDER BY id"));
    }

    [Fact]
    public void A_file_with_a_rollback_journal_left_by_a_kill_is_read_and_written_as_before_the_change()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["read.db", "write.db"])
        {
            var path = LeftByAKillWithinARollbackJournal(folder, name);

            if (name == "write.db") LabFile.OpenForWriting(path).Dispose();

            Assert.Equal(Enumerable.Range(1, 3000).Select(i => (float)i), Labs.Scores(path, 3000));
            Labs.AssertOneClosedFile(path);
        }
    }

    [Fact]
    public void Explain_has_no_words_for_what_only_a_defect_explains()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        using var sql = Labs.Sql(path);
        using var command = sql.CreateCommand();
        command.CommandText = "SELECT nothing FROM nowhere";

        Assert.Null(LabFile.Explain(Assert.Throws<SqliteException>(() => command.ExecuteScalar()), path));
    }

    /// <summary>
    /// A lab file as it lies on disk while a writer has it open, with pair 4 in the -wal only: scores 1 to 3 closed,
    /// then a fourth in an ended session and a fifth that is added but not committed.
    /// </summary>
    static string LeftByAKill(TemporaryFolder folder)
    {
        var path = Labs.Make(folder, scores: 3, "writing.db");
        var left = folder["left.db"];
        using var lab = LabFile.OpenForWriting(path);
        var cache = new ScoreCache(lab);
        using (var ended = cache.BeginSession(Some.Scorer(), Some.Backend)) ended.Add(7, Some.Pair(4), 4, 4);
        using var writer = cache.BeginSession(Some.Scorer(), Some.Backend);
        writer.Add(7, Some.Pair(5), 5, 5);
        File.Copy(path, left);
        File.Copy(path + "-wal", left + "-wal");
        return left;
    }

    /// <summary>
    /// A lab file as a kill leaves it that meets a change outside WAL, such as that of the journal mode: some pages
    /// are changed already, and a -journal has what they were.
    /// </summary>
    static string LeftByAKillWithinARollbackJournal(TemporaryFolder folder, string name)
    {
        var (path, left) = (Labs.Make(folder, scores: 3000, "changing-" + name), folder[name]);
        var before = File.ReadAllBytes(path);
        using var sql = Labs.Sql(path, SqliteOpenMode.ReadWrite);
        sql.Execute("PRAGMA cache_size = 2; PRAGMA cache_spill = 2");
        using var changing = sql.BeginTransaction();
        sql.Execute("UPDATE score SET logit = -1", transaction: changing);
        File.Copy(path, left);
        File.Copy(path + "-journal", left + "-journal");
        Assert.NotEqual(before, File.ReadAllBytes(left));
        return left;
    }

    /// <summary>Acts while neither the file nor its folder may be written, also when the tests run as root.</summary>
    static void Protected(TemporaryFolder folder, string path, Action act)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "permissions are another matter on Windows");
        Assert.SkipUnless(OperatingSystem.IsLinux() || Environment.UserName != "root", "permissions do not bind root");
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
#pragma warning disable CA1416 // Not on Windows, see above.
        File.SetUnixFileMode(path, Read);
        File.SetUnixFileMode(folder.Path, Read | Enter);
        try
        {
            // Once with all rights, so that whatever code is needed is loaded before they are given up.
            Labs.Scores(path, 1);
            Assert.ThrowsAny<Exception>(() => LabFile.OpenForWriting(folder["no/such/folder"]));
            Unprivileged(() =>
            {
                Assert.SkipUnless(IsReadable(path), "the temporary folder is hidden from other users");
                Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(folder["probe"], ""));
                act();
            });
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, Read | Enter | UnixFileMode.UserWrite);
            File.SetUnixFileMode(path, Read | UnixFileMode.UserWrite);
        }
#pragma warning restore CA1416
    }

    static bool IsReadable(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return true;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    /// <summary>Acts on a thread whose file system user is nobody; as whoever we are where we are not root.</summary>
    static void Unprivileged(Action act)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            const uint Nobody = 65534;
            if (Environment.UserName == "root") SetFileSystemUser(Nobody);
            try
            {
                act();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        });
        thread.Start();
        thread.Join();
        if (thrown is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
    }

    /// <summary>Linux keeps this user a thread, and the thread ends with what it did.</summary>
    [DllImport("libc", EntryPoint = "setfsuid")]
    static extern int SetFileSystemUser(uint user);
}
