using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using RerankLab.Core.Keys;

namespace RerankLab.Store.Tests;

/// <summary>Who sees what of scores being written, and what becomes of others who have the file open.</summary>
public class WritingTests
{
    static readonly QueryKeys Two = new(7, [Some.Pair(1), Some.Pair(2)]);

    [Fact]
    public async Task Scores_are_seen_by_readers_at_the_end_of_a_batch_a_second_after_the_last_commit()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        using var reading = LabFile.OpenForReading(folder["lab.db"]);
        using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);

        writer.Add(7, Some.Pair(1), 1, 1);
        Assert.Equal([float.NaN, float.NaN], Labs.Find(reading, Some.Scorer(), Two));
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        writer.CommitIfDue();
        Assert.Equal([1f, float.NaN], Labs.Find(reading, Some.Scorer(), Two));
        Assert.Equal((1, true), Labs.Value<(int, bool)>(folder["lab.db"], "SELECT scored, ended IS NULL FROM session"));
        Assert.True(Labs.IsWal(folder["lab.db"]));

        // Within a batch nothing is committed, however long it takes.
        writer.Add(7, Some.Pair(2), 2, 2);
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        Assert.Equal([1f, float.NaN], Labs.Find(reading, Some.Scorer(), Two));
        writer.Dispose();
        Assert.Equal([1f, 2f], Labs.Find(reading, Some.Scorer(), Two));
    }

    [Fact]
    public void A_look_up_within_the_same_lab_file_works_between_sessions()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var cache = new ScoreCache(lab);
        for (int i = 1; i <= 2; i++)
        {
            using (var writer = cache.BeginSession(Some.Scorer(), Some.Backend)) writer.Add(7, Some.Pair(i), i, i);
            Assert.Equal(i, Labs.Find(lab, Some.Scorer(), Two).Count(float.IsFinite));
        }
    }

    [Fact]
    public void A_second_writer_is_told_that_another_rlab_is_writing()
    {
        using var folder = new TemporaryFolder();
        using var first = Labs.Write(folder["lab.db"]);
        var notes = new List<string>();
        using (var writing = first.BeginTransaction())
        {
            using var second = LabFile.OpenForWriting(folder["lab.db"], notes.Add);
            second.Patience = TimeSpan.Zero;

            var error = Assert.Throws<UserError>(
                () => new ScoreCache(second).BeginSession(Some.Scorer(maxLength: 8), Some.Backend));

            Assert.Equal($"{folder["lab.db"]}: another rlab is writing to this lab file", error.Message);
            Assert.Contains("--lab", error.Hint);
        }
        Assert.Equal(0, first.Connection.ExecuteScalar<int>("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_second_writer_waits_and_says_for_whom()
    {
        using var folder = new TemporaryFolder();
        var (notes, told) = (new List<string>(), new TaskCompletionSource());
        using var first = Labs.Write(folder["lab.db"]);
        using var second = LabFile.OpenForWriting(folder["lab.db"], Note);
        var writing = first.BeginTransaction();

        var waiting = Task.Run(() => second.BeginTransaction().Dispose(), TestContext.Current.CancellationToken);
        await told.Task;
        Assert.False(waiting.IsCompleted);
        writing.Dispose();
        await waiting;

        Assert.Equal([$"waiting for another rlab, which is writing to {folder["lab.db"]}"], notes);

        void Note(string sentence)
        {
            notes.Add(sentence);
            told.SetResult();
        }
    }

    [Fact]
    public void Scores_that_are_gathered_for_the_next_commit_keep_nobody_from_writing()
    {
        using var folder = new TemporaryFolder();
        using var first = Labs.Write(folder["lab.db"]);
        using var second = Labs.Write(folder["lab.db"]);
        second.Patience = TimeSpan.Zero;
        using (var writer = new ScoreCache(first).BeginSession(Some.Scorer(), Some.Backend))
        {
            writer.Add(7, Some.Pair(1), 1, 1);
            using (var other = new ScoreCache(second).BeginSession(Some.Scorer(), Some.Backend))
                other.Add(7, Some.Pair(2), 2, 2);
        }
        Assert.Equal([1f, 2f], Labs.Find(first, Some.Scorer(), Two));
    }

    [Fact]
    public void Two_writers_take_turns_between_commits()
    {
        using var folder = new TemporaryFolder();
        using (var first = Labs.Write(folder["lab.db"]))
        using (var second = Labs.Write(folder["lab.db"]))
        {
            using (var writer = new ScoreCache(first).BeginSession(Some.Scorer(), Some.Backend)) writer.Add(7, Some.Pair(1), 1, 1);
            using (var writer = new ScoreCache(second).BeginSession(Some.Scorer(), Some.Backend)) writer.Add(7, Some.Pair(2), 2, 2);
            Assert.Equal([1f, 2f], Labs.Find(first, Some.Scorer(), Two));
        }

        Labs.AssertOneClosedFile(folder["lab.db"]);
        Assert.Equal([1f, 2f], Labs.Scores(folder["lab.db"], 2));
    }

    [Fact]
    public void A_writer_that_ends_while_another_has_the_file_open_does_not_fail_and_the_last_leaves_one_file()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 1);
        var first = Labs.Write(path);
        using (var second = Labs.Write(path))
        {
            using (var writer = new ScoreCache(first).BeginSession(Some.Scorer(), Some.Backend)) writer.Add(7, Some.Pair(2), 2, 2);

            first.Dispose();

            Assert.False(first.Exists);
            Assert.Equal([1f, 2f], Labs.Find(second, Some.Scorer(), Two));
        }
        Labs.AssertOneClosedFile(path);
        Assert.Equal([1f, 2f], Labs.Scores(path, 2));
    }

    [Fact]
    public void A_writer_that_ends_while_someone_reads_does_not_fail_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 1);
        var lab = Labs.Write(path);
        using (var reading = Labs.Sql(path))
        using (reading.BeginTransaction(deferred: true))
        {
            Assert.Equal(1, reading.ExecuteScalar<int>("SELECT count(*) FROM score"));
            using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend)) writer.Add(7, Some.Pair(2), 2, 2);
            lab.Dispose();
            // The reader still sees what it saw, whoever comes new sees all.
            Assert.Equal(1, reading.ExecuteScalar<int>("SELECT count(*) FROM score"));
            Assert.Equal([1f, 2f], Labs.Scores(path, 2));
        }

        Labs.Write(path).Dispose();
        Labs.AssertOneClosedFile(path);
        Assert.Equal([1f, 2f], Labs.Scores(path, 2));
    }

    [Fact]
    public void A_full_disk_is_said_to_be_full_and_what_was_committed_is_kept_in_one_file()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 2);

        // As rlab run holds them: whatever the disposing of writer and lab file meets, the disk's failure must come through.
        var failure = Assert.Throws<SqliteException>(() =>
        {
            using var lab = Labs.Write(path);
            using (var kept = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend)) kept.Add(7, Some.Pair(3), 3, 3);
            var pages = lab.Connection.ExecuteScalar<int>("PRAGMA page_count");
            lab.Connection.ExecuteScalar($"PRAGMA max_page_count = {pages + 3}");
            using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
            for (int i = 4; i < 100_000; i++)
            {
                writer.Add(7, Some.Pair(i), i, i);
                writer.CommitIfDue();
            }
        });

        var error = Assert.IsType<UserError>(LabFile.Explain(failure, "my.db"));
        Assert.Equal("my.db: the disk is full; what was committed is kept", error.Message);
        Assert.Contains("run again", error.Hint);
        Labs.AssertOneClosedFile(path);
        Assert.Equal([1f, 2f, 3f], Labs.Scores(path, 3));
    }

    [Fact]
    public void After_a_full_disk_the_next_session_goes_on()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 2);
        Assert.Throws<SqliteException>(() =>
        {
            using var lab = Labs.Write(path);
            lab.Connection.ExecuteScalar("PRAGMA max_page_count = 1");
            using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
            for (int i = 3; i < 100_000; i++) writer.Add(7, Some.Pair(i), i, i);
        });

        using (var lab = Labs.Write(path))
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
            for (int i = 1; i <= 1000; i++)
                writer.Add(7, Some.Pair(i), i, i);

        Labs.AssertOneClosedFile(path);
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (float)i), Labs.Scores(path, 1000));
    }
}
