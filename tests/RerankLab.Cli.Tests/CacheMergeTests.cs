using System.Text.Json;

namespace RerankLab.Cli.Tests;

/// <summary>
/// <c>rlab cache merge</c> as its users see it; what it does to the tables is tested in the store's tests.
/// </summary>
public sealed class CacheMergeTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task Scores_and_runs_of_two_machines_come_together_and_an_experiment_of_either_is_fully_cached()
    {
        await _rlab.Succeed("run", "demo/base.yaml", "--lab", "box1.db");
        await _rlab.Succeed("run", "demo/short.yaml", "--lab", "box2.db");

        var merge = await _rlab.Succeed("cache", "merge", "box1.db", "box2.db");
        Assert.Equal("""
            what	added	there already	differing	repaired	damaged
            scorers	2	0	0	0	0
            sessions	2	0	0	0	0
            scores	2080	0	0	0	0
            candidates	1	1	0	0	0
            qrels	1	1	0	0	0
            runs	2	0	0	0	0
            submissions	0	0	0	0	0

            """.ReplaceLineEndings("\n"), merge.Out);
        Assert.Equal("note: merged into lab.db\n", merge.Error);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        foreach (var (experiment, before) in new[] { ("demo/base.yaml", demo.Cold), ("demo/short.yaml", demo.Short) })
        {
            var run = await _rlab.Succeed("run", experiment, "--format", "json");
            Assert.Equal((1040, 0), ((int)run.Json["hits"]!, (int)run.Json["misses"]!));
            Assert.Equal(before.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
        }
        Assert.Equal(["demo-short", "demo-base", "demo-short", "demo-base"],
            (await _rlab.Succeed("runs")).Rows.Select(r => r["name"]));
    }

    [Fact]
    public async Task Scores_that_differ_and_rankings_that_flip_are_told_by_a_dry_run_too_and_the_targets_stay()
    {
        _rlab.Write("d.jsonl",
            """{"id": "q1", "query": "q", "passages": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}]}""");
        _rlab.Write("s.yaml", "name: mine", "dataset: { candidates: d.jsonl }", "scorer: { declared: script }");
        await Import("lab.db", a: 1, b: 2);
        await Import("box.db", a: 3, b: 2.5);

        foreach (var options in new[] { new[] { "--dry-run" }, [] })
        {
            var merge = await _rlab.Succeed(
                ["cache", "merge", "box.db", "--into", "lab.db", "--format", "json", .. options]);
            Assert.Equal(options.Length == 1, (bool)merge.Json["dry_run"]!);
            Assert.Equal(2, (int)merge.Json["differing"]!);
            var largest = merge.Json["largest"]!;
            Assert.Equal((2.0, 1.0, 3.0), ((double)largest["max_difference"]!, (double)largest["kept_logit"]!,
                (double)largest["dropped_logit"]!));
            Assert.Equal("import", (string?)merge.Json["differences"]![0]!["dropped"]!["device"]);
            Assert.Equal((2, "mine", 1), ((int)merge.Json["runs_looked_at"]!, (string?)merge.Json["flips"]![0]!["name"],
                (int)merge.Json["flips"]![0]!["queries_changed"]!));
            Assert.Contains("note: scores of the same pair and scorer that differ: 2, by 2E+0 at most (pair ",
                merge.Error);
            Assert.Contains("would rank otherwise with the merged scores: 1 of 2 (mine: 1 of 1 queries); they keep",
                merge.Error);
            Assert.Contains(options.Length == 1 ? "a dry run: lab.db was not changed" : "merged into lab.db",
                merge.Error);
            Assert.Equal(options.Length == 1 ? 1 : 2, _rlab.Single<int>("SELECT count(*) FROM run"));
        }
        Assert.Equal([1, 2], _rlab.Query<double>("SELECT logit FROM score ORDER BY logit"));
        Assert.Contains("would rank otherwise",
            (await _rlab.Succeed("cache", "merge", "box.db", "--into", "lab.db", "--format", "table")).Out);
    }

    /// <summary>Two scores of one query, and a run by them.</summary>
    async Task Import(string lab, double a, double b)
    {
        string Key(string passage) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(
            System.Text.Encoding.UTF8.GetBytes($"q_{passage}")));
        File.WriteAllText(_rlab["cache.json"],
            JsonSerializer.Serialize(new Dictionary<string, double> { [Key("A")] = a, [Key("B")] = b }));
        await _rlab.Succeed("cache", "import", "cache.json", "s.yaml", "--as", "script", "--lab", lab);
        await _rlab.Succeed("run", "s.yaml", "--lab", lab);
    }

    [Fact]
    public async Task What_cannot_be_merged_is_refused_and_no_file_is_made()
    {
        _rlab.Copy(demo.Rlab.LabFile, "a.db");
        _rlab.Write("notes.txt", "no lab file");

        Assert.Equal("error: there is no lab file none.db\n", await _rlab.Fail("cache", "merge", "a.db", "none.db"));
        foreach (var arguments in new[] { new[] { "a.db", "notes.txt" }, ["a.db", "--into", "notes.txt"] })
            Assert.StartsWith("error: notes.txt: this is not a lab file of rlab",
                await _rlab.Fail(["cache", "merge", .. arguments]));
        Assert.Equal("error: a.db is the lab file to merge into: it cannot be a source too\n",
            await _rlab.Fail("cache", "merge", "a.db", "--into", "a.db"));
        Assert.StartsWith("error: none/lab.db: cannot open this file",
            await _rlab.Fail("cache", "merge", "a.db", "--into", "none/lab.db"));
        Assert.Equal(["a.db", "demo", "notes.txt"],
            Directory.GetFileSystemEntries(_rlab.WorkFolder).Select(f => Path.GetFileName(f)).Order());
    }
}
