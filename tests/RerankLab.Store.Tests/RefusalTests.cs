using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;

namespace RerankLab.Store.Tests;

/// <summary>What is no lab file is refused in words, and left as it was.</summary>
public class RefusalTests
{
    public static TheoryData<string> Foreign => ["random bytes", "text", "a short text", "two bytes", "zeros", "a gzip head"];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void A_file_that_is_not_SQLite_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        var random = new byte[5000];
        new Random(1).NextBytes(random);
        File.WriteAllBytes(folder["lab.db"], content switch
        {
            "random bytes" => random,
            "text" => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("name: gte-512\n", 300))),
            "a short text" => "name: gte-512\n"u8.ToArray(),
            "two bytes" => "ab"u8.ToArray(),
            "zeros" => new byte[4096],
            _ => [0x1f, 0x8b, 8, 0, .. random],
        });

        AssertRefused(folder["lab.db"], "this is not a lab file of rlab");
    }

    [Fact]
    public void Another_applications_database_is_refused()
    {
        using var folder = new TemporaryFolder();
        Labs.Change(folder["lab.db"], "PRAGMA application_id = 0x47504B47; CREATE TABLE tiles (x); INSERT INTO tiles VALUES (1)");

        AssertRefused(folder["lab.db"], "this is not a lab file of rlab");
    }

    [Theory]
    [InlineData("CREATE TABLE score (x)")]
    [InlineData("PRAGMA user_version = 1")]
    [InlineData("PRAGMA application_id = 1")]
    [InlineData("CREATE VIEW v AS SELECT 1")]
    public void A_database_that_someone_uses_without_an_application_id_is_refused(string use)
    {
        using var folder = new TemporaryFolder();
        Labs.Change(folder["lab.db"], use);

        AssertRefused(folder["lab.db"], "this is not a lab file of rlab");
    }

    [Fact]
    public void Another_applications_database_in_WAL_mode_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        Labs.Change(folder["lab.db"], "PRAGMA journal_mode = WAL; CREATE TABLE tiles (x)");
        Assert.True(Labs.IsWal(folder["lab.db"]));

        // Who reads a WAL database makes a -wal and a -shm beside it; the file itself must stay.
        AssertRefused(folder["lab.db"], "this is not a lab file of rlab", leavesOneFile: false);
        Assert.Equal(["tiles"], Labs.Rows<string>(folder["lab.db"], "SELECT name FROM sqlite_schema"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void For_reading_an_empty_file_is_an_error_and_stays_empty(int length)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lab.db"], new byte[length]);

        var error = Assert.Throws<UserError>(() => LabFile.OpenForReading(folder["lab.db"]));

        Assert.Equal($"{folder["lab.db"]}: there is nothing in this lab file yet", error.Message);
        Assert.Equal(length, new FileInfo(folder["lab.db"]).Length);
        Assert.Equal(["lab.db"], Labs.FilesOf(folder["lab.db"]));
    }

    [Fact]
    public void A_lab_file_of_a_newer_rlab_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Labs.Change(path, $"PRAGMA user_version = {Migration.Latest + 1}");

        var error = AssertRefused(path,
            $"this lab file is of schema {Migration.Latest + 1}, newer than this rlab knows ({Migration.Latest})");
        Assert.Equal("update rlab", error.Hint);
    }

    [Fact]
    public void For_reading_a_missing_file_is_an_error_and_none_is_made()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<UserError>(() => LabFile.OpenForReading(folder["lab.db"]));

        Assert.Equal($"there is no lab file {folder["lab.db"]}", error.Message);
        Assert.Contains("--lab", error.Hint);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void For_writing_a_missing_folder_is_an_error_and_none_is_made()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<UserError>(() => LabFile.OpenForWriting(Path.Combine(folder.Path, "no", "lab.db")));

        Assert.Contains("cannot open this file: does its folder exist", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_is_no_lab_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["lab.db"]);

        var reading = Assert.Throws<UserError>(() => LabFile.OpenForReading(folder["lab.db"]));
        var writing = Assert.Throws<UserError>(() => LabFile.OpenForWriting(folder["lab.db"]));

        Assert.Contains($"there is no lab file {folder["lab.db"]}", reading.Message);
        Assert.Contains($"{folder["lab.db"]}: cannot open this file", writing.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["lab.db"]));
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void A_truncated_lab_file_is_damaged(double share)
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 2000);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);

        var error = AssertRefused(path, "the lab file is damaged");
        Assert.Contains(".recover", error.Hint);
    }

    [Theory]
    [InlineData(2)] // SQLite takes a file of one byte for an empty one.
    [InlineData(16)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(511)]
    [InlineData(1000)]
    public void A_lab_file_cut_within_its_first_page_is_refused(int length)
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 2000);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);

        AssertRefused(path, "");
    }

    [Theory]
    [InlineData(0, "this is not a lab file of rlab")] // the magic string
    [InlineData(15, "this is not a lab file of rlab")]
    [InlineData(16, "this is not a lab file of rlab")] // the page size
    [InlineData(19, "")] // the read version
    [InlineData(21, "this is not a lab file of rlab")] // the payload fraction
    [InlineData(47, "this is not a lab file of rlab")] // the schema format
    [InlineData(60, "this is not a lab file of rlab")] // user_version, which becomes negative
    [InlineData(62, "newer than this rlab knows")]
    [InlineData(68, "this is not a lab file of rlab")] // application_id
    [InlineData(71, "this is not a lab file of rlab")]
    public void A_lab_file_with_a_byte_of_its_header_flipped_is_refused(int offset, string message)
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Flip(path, offset);

        AssertRefused(path, message);
    }

    [Fact]
    public void A_byte_flipped_anywhere_in_the_header_is_refused_in_words_or_does_no_harm()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        int refused = 0;
        for (int offset = 0; offset < 100; offset++)
        {
            var flipped = folder[$"{offset}.db"];
            File.Copy(path, flipped);
            Flip(flipped, offset);
            var before = File.ReadAllBytes(flipped);
            try
            {
                using var lab = LabFile.OpenForReading(flipped);
                Assert.Equal([1f, 2f, 3f], Labs.Scores(flipped, 3));
            }
            catch (UserError)
            {
                refused++;
            }
            Assert.Equal(before, File.ReadAllBytes(flipped));
        }
        Assert.InRange(refused, 30, 90);
    }

    [Fact]
    public void Pages_that_are_damaged_are_explained_when_they_are_read()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 5000);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length / 2).Fill(0xFF);
        File.WriteAllBytes(path, bytes);

        using var lab = LabFile.OpenForReading(path);
        var failure = Assert.Throws<SqliteException>(() => lab.Connection.Query("SELECT * FROM score JOIN session").Count());

        var error = Assert.IsType<UserError>(LabFile.Explain(failure, "my.db"));
        Assert.StartsWith("my.db: the lab file is damaged", error.Message);
    }

    /// <summary>Refused for reading and for writing, the bytes as before, nothing left beside the file.</summary>
    static UserError AssertRefused(string path, string message, bool leavesOneFile = true)
    {
        var before = File.ReadAllBytes(path);
        var reading = Assert.Throws<UserError>(() => LabFile.OpenForReading(path));
        if (leavesOneFile) Assert.Equal([Path.GetFileName(path)], Labs.FilesOf(path));
        var writing = Assert.Throws<UserError>(() => LabFile.OpenForWriting(path));
        Assert.Equal(before, File.ReadAllBytes(path));
        if (leavesOneFile) Assert.Equal([Path.GetFileName(path)], Labs.FilesOf(path));

        Assert.StartsWith($"{path}: ", reading.Message);
        Assert.Contains(message, reading.Message);
        Assert.Equal(reading.Message, writing.Message);
        Assert.NotNull(reading.Hint);
        return reading;
    }

    static void Flip(string path, int offset)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0xFF;
        File.WriteAllBytes(path, bytes);
    }
}
