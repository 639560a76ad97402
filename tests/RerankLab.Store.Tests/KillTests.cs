using System.Diagnostics;
using System.Reflection;
using RerankLab.Core.Scoring;
using RerankLab.Store.Tests.Child;

namespace RerankLab.Store.Tests;

/// <summary>A process that writes scores is killed at random moments, again and again over one lab file.</summary>
public class KillTests
{
    static readonly string Child = Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests.Child", "bin",
        typeof(KillTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration, "net10.0",
        "RerankLab.Store.Tests.Child.dll");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Killed_at_any_moment_the_file_opens_with_everything_that_was_committed(int seed)
    {
        int rounds = LongTests.Rounds(few: 4, many: 70);
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var path = folder["lab.db"];
        int kept = 0, sessions = 0, leftInWal = 0;
        for (int round = 0; round < rounds; round++)
        {
            int committed = await WriteAndKill(path, first: kept, seed: random.Next(), random.Next(0, 1500));

            if (Labs.FilesOf(path).Contains("lab.db-wal")) leftInWal++;

            // A reader sees everything that was reported, and folds nothing in.
            LabFile.OpenForReading(path).Dispose();
            bool isWal = Labs.IsWal(path);
            int found = Found(path);
            Assert.True(found >= committed, $"round {round}: {committed} were reported as committed, {found} are there");
            Labs.AssertIntact(path);
            Assert.Equal(isWal, Labs.IsWal(path));

            // The next writer leaves one file with the same scores.
            LabFile.OpenForWriting(path).Dispose();
            Labs.AssertOneClosedFile(path);
            Assert.Equal(found, Found(path));

            // Scores and sessions were committed together; only the session that was killed has no end.
            Assert.Equal(0, Labs.Value<int>(path,
                "SELECT count(*) FROM session WHERE scored <> (SELECT count(*) FROM score WHERE score.session = session.id)"));
            Assert.InRange(Labs.Value<int>(path, $"SELECT count(*) FROM session WHERE ended IS NULL AND id > {sessions}"), 0, 1);
            sessions = Labs.Value<int>(path, "SELECT max(id) FROM session");
            kept = found;
        }
        Assert.True(kept > 0, "nothing was ever committed");
        Assert.True(leftInWal > 0, "no kill ever met an open file");
    }

    [Theory]
    [InlineData(3, 4, true)]
    [InlineData(4, 2, false)]
    public async Task A_merge_that_is_killed_at_any_moment_changes_nothing_or_is_whole(
        int seed, int few, bool intoExisting)
    {
        int rounds = LongTests.Rounds(few, 10 * few);
        const int scores = 300_000;
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var (source, path) = (folder["source.db"], folder["lab.db"]);
        using (var lab = LabFile.OpenForWriting(source))
        using (var writer = new ScoreCache(lab).BeginSession(ScoreStream.Scorer, Some.Backend))
            for (int i = 0; i < scores; i++)
            {
                var (query, pair, logit, tokens) = ScoreStream.At(i);
                writer.Add(query, pair, logit, tokens);
            }
        var sourceBefore = File.ReadAllBytes(source);

        for (int round = 0; round < rounds; round++)
        {
            foreach (var file in Labs.FilesOf(path)) File.Delete(folder[file]);
            if (intoExisting) Labs.Make(folder);
            await RunAndKill(["merge", path, source], random.Next(0, 400));

            Assert.True(sourceBefore.AsSpan().SequenceEqual(File.ReadAllBytes(source)), "the source changed");
            Assert.Equal(["source.db"], Labs.FilesOf(source));
            if (!File.Exists(path))
            {
                Assert.False(intoExisting);
                continue;
            }
            LabFile.OpenForWriting(path).Dispose();
            Labs.AssertIntact(path);
            Assert.Contains(Labs.Value<int>(path, "SELECT count(*) FROM score"),
                intoExisting ? [3, scores + 3] : new[] { scores });
        }
    }

    /// <summary>Starts the child, waits for its first report and then <paramref name="milliseconds"/>; what it last reported.</summary>
    static async Task<int> WriteAndKill(string path, int first, int seed, int milliseconds)
    {
        var (reported, hadEnded) = await RunAndKill([path, $"{first}", $"{seed}"], milliseconds);
        Assert.False(hadEnded, "the child ended by itself");
        return reported;
    }

    /// <summary>What it last reported, and whether it was done before the kill.</summary>
    static async Task<(int Reported, bool HadEnded)> RunAndKill(string[] arguments, int milliseconds)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var child = StartChild(arguments);
        try
        {
            var errors = child.StandardError.ReadToEndAsync(cancel);
            var report = await child.StandardOutput.ReadLineAsync(cancel);
            if (report is null) Assert.Fail($"the child ended by itself: {await errors}");
            await Task.Delay(milliseconds, cancel);
            bool hasEnded = child.HasExited;
            child.Kill();
            // Every whole line counts; the kill may have cut the last.
            var rest = await child.StandardOutput.ReadToEndAsync(cancel);
            var lines = rest.Split('\n')[..^1];
            return (int.Parse(lines.Length > 0 ? lines[^1] : report), hasEnded);
        }
        finally
        {
            if (!child.HasExited) child.Kill();
            await child.WaitForExitAsync(cancel);
        }
    }

    [Fact]
    public async Task Killed_while_an_older_file_is_brought_up_to_date_nothing_is_lost()
    {
        var random = new Random(5);
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        int killed = 0;
        for (int round = 0; round < LongTests.Rounds(few: 8, many: 60); round++)
        {
            var path = folder[$"{round}.db"];
            File.Copy(Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", "schema-1.db"), path);
            using (var child = StartChild(path))
            {
                Assert.Equal("opening", await child.StandardOutput.ReadLineAsync(cancel));
                await Task.Delay(random.Next(0, 250), cancel);
                if (!child.HasExited) killed++;
                child.Kill();
                await child.WaitForExitAsync(cancel);
            }

            LabFile.OpenForWriting(path).Dispose();

            Assert.Equal(520, Labs.Value<int>(path, "SELECT count(*) FROM score"));
            Assert.Equal(Migration.Latest, Labs.Value<int>(path, "PRAGMA user_version"));
            Assert.False(Labs.IsWal(path));
            Labs.AssertIntact(path);
            using var lab = LabFile.OpenForReading(path);
            Assert.All(new IntegrityCheck(lab).Run(), f => Assert.NotEqual(IntegrityResult.Damage, f.Kind));
            // Every copy that has its name is whole; after a kill between two scripts it is of the schema in between.
            Assert.All(Directory.GetFiles(folder.Path, $"{round}.db.*.bak"), copy =>
                Assert.Equal((copy.Split(".schema")[1][0] - '0', 520),
                    (Labs.Value<int>(copy, "PRAGMA user_version"), Labs.Value<int>(copy, "SELECT count(*) FROM score"))));
            Assert.NotEmpty(Directory.GetFiles(folder.Path, $"{round}.db.*.bak"));
        }
        Assert.True(killed > 0, "no kill ever met a migration");
    }

    static Process StartChild(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Child, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    /// <summary>How many of the stream's scores are there, without a gap, each as it was written, and no other.</summary>
    static int Found(string path)
    {
        int count = Labs.Value<int>(path, "SELECT count(*) FROM score");
        var keys = ScoreStream.Keys(count);
        var found = new PairScores(keys);
        using var lab = LabFile.OpenForReading(path);
        new ScoreCache(lab).Find(ScoreStream.Scorer, keys, found);

        var expected = Enumerable.Range(0, count).Select(ScoreStream.At).ToList();
        Assert.Equal(expected.Select(s => s.Logit), found.Logits.SelectMany(l => l));
        Assert.Equal(expected.Select(s => s.Tokens), found.Tokens.SelectMany(t => t));
        return count;
    }
}
