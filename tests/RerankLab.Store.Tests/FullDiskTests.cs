using System.Diagnostics;
using Dapper;
using RerankLab.Core;

namespace RerankLab.Store.Tests;

/// <summary>A file system of a megabyte or two that fills up.</summary>
public sealed class FullDiskTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    bool _isMounted;

    public void Dispose()
    {
        if (_isMounted) Assert.Equal(0, Call("umount", _folder.Path));
        _folder.Dispose();
    }

    [Fact]
    public void A_disk_that_fills_up_while_scores_are_written_keeps_what_was_committed()
    {
        Mount(kilobytes: 3000);
        var path = Labs.Make(_folder, scores: 1000);

        var failure = Assert.ThrowsAny<Exception>(() =>
        {
            using var lab = Labs.Write(path);
            using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
            var random = new Random(1);
            for (int i = 0; i < 200_000; i++)
            {
                writer.Add(random.NextInt64(), Some.Pair(random), i, i);
                writer.CommitIfDue();
            }
        });

        Assert.Contains("the disk is full", Said(failure, path));
        Grow();
        LabFile.OpenForWriting(path).Dispose();
        Labs.AssertOneClosedFile(path);
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (float)i), Labs.Scores(path, 1000));
    }

    [Fact]
    public void A_disk_that_is_too_full_to_close_keeps_everything_in_two_files_and_says_so()
    {
        Mount(kilobytes: 3000);
        var path = Labs.Make(_folder, scores: 1000);
        const int more = 20_000;

        var error = Assert.Throws<UserError>(() =>
        {
            using var lab = Labs.Write(path);
            // Everything stands in the -wal until the end.
            lab.Connection.ExecuteScalar("PRAGMA wal_autocheckpoint = 0");
            using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
                for (int i = 1001; i <= more; i++)
                    writer.Add(7, Some.Pair(i), i, i);
            FillUp();
        });

        Assert.Equal($"{path}: the disk is full; nothing is lost, but what was written last stands in {path}-wal",
            error.Message);
        Assert.Contains($"keep {path}* together", error.Hint);
        Assert.Equal(more, Labs.Scores(path, more).Count(float.IsFinite));
        Grow();
        LabFile.OpenForWriting(path).Dispose();
        Labs.AssertOneClosedFile(path);
        Assert.Equal(Enumerable.Range(1, more).Select(i => (float)i), Labs.Scores(path, more));
    }

    [Fact]
    public void Without_room_for_the_copy_an_older_file_is_left_as_it_is()
    {
        Mount(kilobytes: 400);
        var path = _folder["lab.db"];
        File.Copy(Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", "schema-1.db"), path);

        var error = Assert.Throws<UserError>(() => LabFile.OpenForWriting(path));

        Assert.Contains("cannot make this copy of the lab file", error.Message);
        Assert.Contains("nothing was changed; free some space", error.Hint);
        Assert.Equal(1, Labs.Value<int>(path, "PRAGMA user_version"));
        Assert.DoesNotContain(Labs.FilesOf(path), f => f.Contains("bak"));
        Grow();
        LabFile.OpenForWriting(path).Dispose();
        Assert.Equal(520, Labs.Value<int>(path, "SELECT count(*) FROM score"));
    }

    [Fact]
    public void Without_room_compacting_changes_nothing()
    {
        Mount(kilobytes: 3000);
        var path = Labs.Make(_folder, scores: 30_000);
        FillUp();

        var error = Assert.Throws<UserError>(() => LabFile.Compact(path));

        Assert.Contains("the disk is full", error.Message);
        File.Delete(_folder["filler"]);
        Labs.AssertOneClosedFile(path);
        Assert.Equal(30_000, Labs.Value<int>(path, "SELECT count(*) FROM score"));
    }

    static string Said(Exception failure, string path) => failure switch
    {
        UserError error => error.Message,
        System.Data.Common.DbException e => LabFile.Explain(e, path)?.Message ?? e.ToString(),
        _ => failure.ToString(),
    };

    void FillUp()
    {
        using var filler = File.Create(_folder["filler"]);
        try
        {
            while (true)
            {
                filler.Write(new byte[4096]);
                filler.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    void Grow() => Assert.Equal(0, Call("mount", "-o", "remount,size=64m", _folder.Path));

    void Mount(int kilobytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux()
            && Call("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", _folder.Path) == 0,
            "cannot mount a small file system here: needs Linux and root");
        _isMounted = true;
    }

    static int Call(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
