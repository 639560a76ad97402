using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using SQLitePCL;

namespace RerankLab.Store.Tests;

public class LabFileTests
{
    [Fact]
    public void A_new_lab_file_says_whose_it_is_and_of_which_schema()
    {
        using var folder = new TemporaryFolder();
        Labs.Write(folder["lab.db"]).Dispose();

        Assert.Equal(0x524C4142, Labs.Value<int>(folder["lab.db"], "PRAGMA application_id"));
        Assert.Equal(4, Labs.Value<int>(folder["lab.db"], "PRAGMA user_version"));
        // file(1) reads the same from the header: "RLAB" at offset 68.
        Assert.Equal("RLAB"u8, File.ReadAllBytes(folder["lab.db"]).AsSpan(68, 4));
    }

    [Fact]
    public void Every_table_is_strict()
    {
        using var folder = new TemporaryFolder();
        Labs.Write(folder["lab.db"]).Dispose();

        var strict = Labs.Rows<(string Name, bool Strict)>(folder["lab.db"],
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'");

        Assert.Equal(
            ["candidate_query", "candidates", "job", "job_query", "job_text", "logits", "measure", "qrels",
                "qrels_query", "run", "run_query", "score", "scorer", "scorer_name", "session", "submission"],
            strict.Select(t => t.Name).Order());
        Assert.All(strict, t => Assert.True(t.Strict, $"{t.Name} is not STRICT"));
    }

    [Fact]
    public void A_writer_leaves_one_closed_file()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 5000);

        Labs.AssertOneClosedFile(path);
        Assert.Equal(5000, Labs.Value<int>(path, "SELECT count(*) FROM score"));
    }

    [Fact]
    public void A_writer_that_wrote_nothing_leaves_the_file_as_it_was_but_for_its_change_counters()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        var before = File.ReadAllBytes(path);

        Labs.Write(path).Dispose();

        Labs.AssertOneClosedFile(path);
        Assert.Equal(before[100..], File.ReadAllBytes(path)[100..]);
    }

    [Fact]
    public void While_it_is_written_the_file_is_in_WAL_mode_with_full_synchronisation()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);

        Assert.Equal("wal", lab.Connection.ExecuteScalar<string>("PRAGMA journal_mode"));
        Assert.Equal(2, lab.Connection.ExecuteScalar<int>("PRAGMA synchronous"));
        Assert.Equal(1, lab.Connection.ExecuteScalar<int>("PRAGMA foreign_keys"));
        Assert.Contains("lab.db-wal", Labs.FilesOf(folder["lab.db"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_writer_caches_64_MB_of_a_file_that_is_larger_be_it_new_or_not(bool isThere)
    {
        using var folder = new TemporaryFolder();
        if (isThere) Labs.Write(folder["lab.db"]).Dispose();
        using var lab = Labs.Write(folder["lab.db"]);

        lab.Connection.Execute("CREATE TABLE large (bytes BLOB)");
        for (int i = 0; i < 12; i++) lab.Connection.Execute("INSERT INTO large VALUES (zeroblob(8000000))");
        raw.sqlite3_db_status(lab.Connection.Handle, raw.SQLITE_DBSTATUS_CACHE_USED, out int used, out _, 0);
        Assert.InRange(used, 60 << 20, 68 << 20);
    }

    [Fact]
    public void An_empty_file_becomes_a_lab_file_when_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lab.db"], []);

        Labs.Make(folder);

        Assert.Equal([1f, 2f, 3f], Labs.Scores(folder["lab.db"], 3));
        Labs.AssertOneClosedFile(folder["lab.db"]);
    }

    [Theory]
    [InlineData("with space.db")]
    [InlineData("实验.db")]
    [InlineData("semi;colon=1.db")]
    [InlineData("it's \"quoted\".db")]
    [InlineData("100%?#.db")]
    [InlineData("no-suffix")]
    public void A_lab_file_may_have_any_name(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0,
            "not a file name on Windows");
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 2, name);

        Assert.Equal([1f, 2f], Labs.Scores(path, 2));
        Assert.Equal([name], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_relative_path_is_one_to_the_working_folder()
    {
        var relative = $"rlab-test-{Guid.NewGuid():N}.db";
        var full = Path.Combine(Directory.GetCurrentDirectory(), relative);
        try
        {
            using (var lab = Labs.Write(relative))
            {
                Assert.Equal(full, lab.FullPath);
                Assert.Equal(Directory.GetCurrentDirectory(), lab.Folder);
            }
            Assert.True(File.Exists(full));
        }
        finally
        {
            File.Delete(full);
        }
    }

    [Fact]
    public void Opened_for_reading_a_lab_file_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForReading(Labs.Make(folder));

        var failure = Assert.Throws<SqliteException>(() => lab.Connection.Execute("DELETE FROM score"));

        var error = Assert.IsType<UserError>(LabFile.Explain(failure, "my.db"));
        Assert.Equal("my.db: this lab file is read-only", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opening_waits_for_who_has_the_file_to_himself_for_a_moment(bool writes)
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        using var other = Labs.Sql(path, SqliteOpenMode.ReadWrite);
        other.Execute("BEGIN EXCLUSIVE");

        var opening = Task.Run(() => writes ? LabFile.OpenForWriting(path) : LabFile.OpenForReading(path),
            TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(opening.IsCompleted);
        other.Execute("COMMIT");

        using var lab = await opening;
        Assert.Equal(3, lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM score"));
        // Commands wait by themselves, each for its own time.
        Assert.Equal(0, lab.Connection.ExecuteScalar<int>("PRAGMA busy_timeout"));
    }

    [Fact]
    public void Reading_changes_no_byte_and_leaves_nothing_beside_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        var before = File.ReadAllBytes(path);

        using (var lab = LabFile.OpenForReading(path))
        {
            Assert.Equal([1f, 2f, 3f], Labs.Scores(path, 3));
            Assert.Equal(["lab.db"], Labs.FilesOf(path));
        }

        Assert.Equal(before, File.ReadAllBytes(path));
        Labs.AssertOneClosedFile(path);
    }

    [Fact]
    public void A_lab_file_can_be_copied_and_moved_between_openings()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        File.Copy(path, folder["copy.db"]);
        File.Move(path, folder["moved.db"]);

        Assert.Equal([1f, 2f, 3f], Labs.Scores(folder["copy.db"], 3));
        Assert.Equal([1f, 2f, 3f], Labs.Scores(folder["moved.db"], 3));
    }
}
