using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary>Runs that are stopped by signals: what was scored is kept, and the next run goes on.</summary>
public sealed class StoppingTests : IDisposable
{
    const int Queries = 10, Depth = 100, FirstBand = Queries * 10, Rounds = 20;

    /// <summary>One pair a batch, each of which is slow; the scorer is the same with big batches.</summary>
    static readonly string[] Slowly = ["run", "e.yaml", "--format", "json", "--set", "run.batch_tokens=8", "--set", "run.in_flight=1"];
    static readonly string[] Quickly = ["run", "e.yaml", "--format", "json", "--set", "run.batch_tokens=100000"];

    readonly Rlab _rlab = new();

    public StoppingTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends the signals of Unix");
        Models.Write(_rlab, "model", Models.SlowByBatch());
        _rlab.Write("c.jsonl", [.. Enumerable.Range(1, Queries).Select(Line)]);
        _rlab.Write("qrels.txt", [.. Enumerable.Range(1, Queries).Select(q => $"q{q} 0 d{q % 10 + 1} 1")]);
        _rlab.Write("e.yaml", "name: slow", "dataset: { candidates: c.jsonl, qrels: qrels.txt }",
            "scorer: { model: model, max_length: 64 }",
            "measures: [nDCG@10, RR]");

        static string Line(int q)
        {
            var passages = string.Join(", ", Enumerable.Range(1, Depth).Select(d => Passage(q, d)));
            return $$"""{"id": "q{{q}}", "query": "question {{q}}", "passages": [{{passages}}]}""";
        }

        static string Passage(int q, int d) =>
            $$"""{"id": "d{{d}}", "text": "answer {{d * 7919 % 1000}} to {{q * 104729 % 1000}}"}""";
    }

    public void Dispose() => _rlab.Dispose();

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 75)]
    public async Task A_signal_stops_the_run_and_the_next_one_goes_on(string signal, int exitCode)
    {
        SkipWhereIgnored(signal);
        var running = _rlab.Start(Slowly);
        await running.Until(() => Scores() > 0);
        var stopped = (await running.End(signal)).MustExitWith(exitCode);
        Assert.DoesNotContain("error:", stopped.Error);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        int kept = Scores();
        Assert.InRange(kept, 1, Queries * Depth - 1);
        Assert.Equal(kept, _rlab.Single<int>("SELECT scored FROM session WHERE ended IS NOT NULL"));

        var next = await _rlab.Succeed(Quickly);
        Assert.Equal((kept, Queries * Depth - kept), ((int)next.Json["hits"]!, (int)next.Json["scored"]!));
        Assert.Equal(("complete", Depth), ((string?)next.Json["status"], (int)next.Json["depth"]!));
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    [Fact]
    public async Task A_run_stopped_after_the_first_depth_band_is_a_run_at_that_depth()
    {
        var running = _rlab.Start(Slowly);
        await running.Until(() => Scores() >= FirstBand);
        var stopped = (await running.End("TERM")).MustExitWith(75);
        var json = stopped.Json;
        Assert.Equal("partial", (string?)json["status"]);
        int depth = (int)json["depth"]!, missing = (int)json["coverage"]!["pairs_missing"]!;
        Assert.InRange(depth, 10, Depth - 1);
        Assert.Equal(Queries * Depth - Scores(), missing);

        var eval = await _rlab.Succeed("eval");
        Assert.Equal((double)json["measures"]!["RR"]!,
            double.Parse(eval.Rows.Single(r => r["measure"] == "RR")["value"]));
        Assert.Equal("partial", (await _rlab.Succeed("runs")).Rows.Single()["status"]);
        var export = await _rlab.Succeed("export");
        Assert.Equal($"note: this run is partial: exported at depth {depth}\n", export.Error);
        Assert.Equal(Queries * depth, export.Out.Count(c => c == '\n'));

        // It is what the whole run is at that depth.
        var next = await _rlab.Succeed([.. Quickly, "--set", $"dataset.depth={depth}"]);
        Assert.Equal((0, "complete"), ((int)next.Json["misses"]!, (string?)next.Json["status"]));
        Assert.Equal(json["measures"]!.ToJsonString(), next.Json["measures"]!.ToJsonString());
        Assert.Equal(export.Out, (await _rlab.Succeed("export")).Out);
        Assert.Contains($"'slow' is partial: it was stopped at depth {depth}",
            (await _rlab.Succeed("diff", "@1", "@2", "--format", "json"))
                .Json["runs"]![0]!["reservations"]!.ToJsonString()
                .Replace("\\u0027", "'"));
    }

    [Fact]
    public async Task Killed_at_random_moments_the_lab_file_opens_and_the_ranking_comes_out_the_same()
    {
        var random = new Random(20260208);
        int kept = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            var running = _rlab.Start(Slowly);
            // In the last round not before something more was committed.
            if (round == Rounds) await running.Until(() => Scores() > kept);
            await Task.Delay(random.Next(100, 1600), TestContext.Current.CancellationToken);
            if (running.HasEnded) break;
            (await running.End("KILL")).MustExitWith(137);

            int now = Scores();
            Assert.True(now >= kept, $"round {round}: {kept} scores were committed, {now} are left");
            kept = now;
            // Before the first commit there may be a file without anything in it.
            if (kept == 0) continue;
            Assert.Equal("ok", _rlab.Single<string>("PRAGMA integrity_check"));
            Assert.Single((await _rlab.Succeed("runs")).Table);
        }
        Assert.True(kept > 0);

        var last = await _rlab.Succeed(Quickly);
        Assert.Equal((kept, Queries * Depth - kept), ((int)last.Json["hits"]!, (int)last.Json["scored"]!));
        Assert.Equal("complete", (string?)last.Json["status"]);
        Assert.Equal(["lab.db"], _rlab.LabFiles);

        await _rlab.Succeed([.. Quickly, "--lab", "uninterrupted.db"]);
        Assert.Equal((await _rlab.Succeed("export", "--lab", "uninterrupted.db")).Out, (await _rlab.Succeed("export"))
            .Out);
    }

    /// <summary>Committed scores; 0 while there is no lab file to read.</summary>
    int Scores()
    {
        try
        {
            return File.Exists(_rlab.LabFile) ? _rlab.Single<int>("SELECT count(*) FROM score") : 0;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    /// <summary>Shells start background work with SIGINT ignored, and processes inherit that.</summary>
    internal static void SkipWhereIgnored(string signal)
    {
        const string file = "/proc/self/status", key = "SigIgn:";
        if (signal != "INT" || !File.Exists(file)) return;
        var ignored = Convert.ToUInt64(File.ReadLines(file).Single(l => l.StartsWith(key))[key.Length..].Trim(), 16);
        Assert.SkipWhen((ignored & 2) != 0, "these tests were started with SIGINT ignored");
    }
}
