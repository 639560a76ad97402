using System.Globalization;
using System.IO.Compression;
using CliWrap.Buffered;

namespace RerankLab.Cli.Tests;

public sealed class EvalTests(DemoLab demo)
{
    [Fact]
    public async Task The_latest_run_is_evaluated_by_default_with_its_own_measures()
    {
        var result = await demo.Rlab.Succeed("eval");
        Assert.Equal(["run", "query", "measure", "value"], result.Table[0]);
        Assert.Equal(
            [["demo-short", "all", "nDCG@10"], ["demo-short", "all", "RR@10"], ["demo-short", "all", "R@10"],
                ["demo-short", "all", "AP"]],
            result.Table.Skip(1).Select(r => r[..3]));
        Assert.StartsWith("note: demo-short: mean over 52 judged queries, 0 of them without results", result.Error);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Values_round_trip_and_equal_those_of_the_run()
    {
        var rows = (await demo.Rlab.Succeed("eval", "demo-base")).Rows;
        var recorded = demo.Cold.Json["measures"]!.AsObject();
        Assert.Equal(recorded.Count, rows.Count);
        foreach (var row in rows)
        {
            double value = Number(row["value"]);
            Assert.Equal((double)recorded[row["measure"]]!, value);
            Assert.Equal(value.ToString("R", CultureInfo.InvariantCulture), row["value"]);
        }
    }

    [Fact]
    public async Task Several_runs_and_several_measures_are_evaluated_together()
    {
        var rows = (await demo.Rlab.Succeed("eval", "demo-base", "demo-short", "-m", "P@5", "-m", "Success@1")).Rows;
        Assert.Equal(["demo-base P@5", "demo-base Success@1", "demo-short P@5", "demo-short Success@1"],
            rows.Select(r => $"{r["run"]} {r["measure"]}"));
    }

    [Fact]
    public async Task Two_runs_of_one_name_are_told_apart_by_a_prefix_of_their_ids()
    {
        var labels = (await demo.Rlab.Succeed("eval", "@2", "@3", "-m", "AP")).Rows.Select(r => r["run"]).ToList();
        Assert.Equal(2, labels.Distinct().Count());
        Assert.All(labels, l => Assert.StartsWith("demo-base@", l));
        Assert.StartsWith(labels[0]["demo-base@".Length..], demo.Uid(demo.Warm));
        Assert.StartsWith(labels[1]["demo-base@".Length..], demo.Uid(demo.Cold));
    }

    [Fact]
    public async Task Everyday_and_trec_eval_names_are_accepted_and_shown_in_one_notation()
    {
        var names = new[] { "MRR@10", "recip_rank", "ndcg_cut_10", "NDCG@20", "MAP", "Recall@20", "AP(rel=2)" };
        var rows = (await demo.Rlab.Succeed(["eval", "demo-base", .. names.SelectMany(n => new[] { "-m", n })])).Rows;
        Assert.Equal(["RR@10", "RR", "nDCG@10", "nDCG@20", "AP", "R@20", "AP(rel=2)"], rows.Select(r => r["measure"]));
        Assert.Equal((double)demo.Cold.Json["measures"]!["RR@10"]!, Number(rows[0]["value"]));
        Assert.All(rows, r => Assert.InRange(Number(r["value"]), 0.5, 1));
    }

    [Fact]
    public async Task The_mean_is_the_mean_of_the_queries_values()
    {
        var rows = (await demo.Rlab.Succeed("eval", "demo-short", "--by-query")).Rows;
        foreach (var measure in rows.GroupBy(r => r["measure"]))
        {
            var values = measure.Where(r => r["query"] != "all").Select(r => Number(r["value"])).ToList();
            Assert.Equal(52, values.Count);
            Assert.Equal(52, measure.Select(r => r["query"]).Where(q => q != "all").Distinct().Count());
            Assert.Equal(values.Average(), Number(measure.Single(r => r["query"] == "all")["value"]), 1e-12);
            Assert.True(values.Distinct().Count() > 1);
        }
        Assert.Equal(4 * 53, rows.Count);
    }

    [Fact]
    public async Task Json_says_the_same_as_tsv()
    {
        var rows = (await demo.Rlab.Succeed("eval", "demo-base", "--by-query")).Rows;
        var json = Assert.Single((await demo.Rlab.Succeed("eval", "demo-base", "--by-query", "--format", "json"))
            .Json.AsArray())!;
        Assert.Equal("demo-base", (string?)json["run"]);
        Assert.Equal(demo.Uid(demo.Warm), (string?)json["uid"]);
        foreach (var row in rows)
        {
            var group = row["query"] == "all" ? json["measures"]! : json["by_query"]![row["query"]]!;
            Assert.Equal(row["value"], ((double)group[row["measure"]]!).ToString(CultureInfo.InvariantCulture));
        }
        Assert.Equal(52, json["by_query"]!.AsObject().Count);
    }

    [Fact]
    public async Task A_table_has_a_row_a_run_and_a_column_a_measure()
    {
        var table = (await demo.Rlab.Succeed("eval", "demo-base", "demo-short", "-m", "nDCG@10", "--format", "table"))
            .Out;
        Assert.Contains("0.9065", Assert.Single(table.Split('\n'), l => l.Contains("demo-base")));
        Assert.Contains("0.7596", Assert.Single(table.Split('\n'), l => l.Contains("demo-short")));
        Assert.Contains("nDCG@10", table);
    }

    [Fact]
    public async Task Other_qrels_can_be_named_and_means_are_over_their_queries()
    {
        using var rlab = new Rlab();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var best = demo.ColdExport.Split('\n')[0].Split(' ');
        rlab.Write("other.txt", $"{best[0]} 0 {best[2]} 1", "nobody 0 asked 1");
        var result = await rlab.Succeed("eval", "demo-base", "--qrels", "other.txt", "-m", "RR", "-m", "P@5",
            "--by-query");
        Assert.Equal([(best[0], "RR", 1), ("nobody", "RR", 0), ("all", "RR", 0.5), (best[0], "P@5", 0.2),
            ("nobody", "P@5", 0), ("all", "P@5", 0.1)],
            result.Rows.Select(r => (r["query"], r["measure"], Number(r["value"]))));
        Assert.Contains("mean over 2 judged queries, 1 of them without results (counted 0); " +
                        "51 ranked queries without qrels are not counted", result.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exported_run_file_has_exactly_the_measures_of_the_recorded_run(bool gzip)
    {
        using var rlab = new Rlab();
        var qrels = Path.Combine(Repository.Demo, "qrels.txt");
        rlab.Write("base.trec", demo.WarmExport.TrimEnd('\n'));
        rlab.Copy(qrels, "qrels.txt");
        if (gzip)
            foreach (var name in new[] { "base.trec", "qrels.txt" })
            {
                using var packed = new GZipStream(File.Create(rlab[name + ".gz"]), CompressionLevel.Fastest);
                packed.Write(File.ReadAllBytes(rlab[name]));
            }
        var end = gzip ? ".gz" : "";
        string[] arguments = ["-m", "nDCG@10", "-m", "RR@10", "-m", "R@10", "-m", "AP", "--by-query"];
        var file = await rlab.Succeed(["eval", "--run-file", "base.trec" + end, "--qrels", "qrels.txt" + end,
            .. arguments]);
        var recorded = await demo.Rlab.Succeed(["eval", "demo-base", .. arguments]);
        Assert.Equal(recorded.Table.Skip(1).Select(r => string.Join(' ', r[1..])), file.Table.Skip(1)
            .Select(r => string.Join(' ', r[1..])));
        Assert.All(file.Rows, r => Assert.Equal("base.trec" + end, r["run"]));
        Assert.Empty(rlab.LabFiles);
    }

    [Fact]
    public async Task Trec_eval_agrees_to_four_decimals()
    {
        Assert.SkipUnless(await IsThere("trec_eval"), "needs trec_eval on the PATH");
        using var rlab = new Rlab();
        rlab.Write("base.trec", demo.WarmExport.TrimEnd('\n'));
        var names = new Dictionary<string, string>
        {
            ["ndcg_cut_10"] = "nDCG@10",
            ["recip_rank"] = "RR",
            ["map"] = "AP",
            ["P_5"] = "P@5",
            ["recall_10"] = "R@10",
            ["success_1"] = "Success@1",
        };
        var ours = (await demo.Rlab.Succeed(["eval", "demo-base", "--by-query",
            .. names.SelectMany(n => new[] { "-m", n.Key })])).Rows
            .ToDictionary(r => (r["query"], r["measure"]), r => Number(r["value"]));
        var theirs = await CliWrap.Cli.Wrap("trec_eval")
            .WithArguments(["-c", "-q", "-m", "ndcg_cut.10", "-m", "recip_rank", "-m", "map", "-m", "P.5", "-m",
                "recall.10", "-m", "success.1",
                Path.Combine(Repository.Demo, "qrels.txt"), rlab["base.trec"]])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        var lines = theirs.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))
            .ToList();
        Assert.Equal(6 * 53, lines.Count);
        Assert.All(lines, l => Assert.Equal(Number(l[2]), ours[(l[1], names[l[0].Trim()])], 0.00005000001));
    }

    [Fact]
    public async Task A_run_file_needs_qrels_and_does_not_go_with_runs()
    {
        using var rlab = new Rlab();
        rlab.Write("a.trec", "q1 Q0 d1 1 0.5 x");
        Assert.StartsWith("error: --run-file needs --qrels FILE", await rlab.Fail("eval", "--run-file", "a.trec"));
        rlab.Write("qrels.txt", "q1 0 d1 1");
        Assert.StartsWith("error: give either runs or --run-file, not both",
            await rlab.Fail("eval", "demo-base", "--run-file", "a.trec", "--qrels", "qrels.txt"));
    }

    [Fact]
    public async Task Broken_lines_of_a_run_file_and_of_qrels_are_named()
    {
        using var rlab = new Rlab();
        rlab.Write("good.trec", "q1 Q0 d1 1 0.5 x");
        rlab.Write("bad.trec", "q1 Q0 d1 1 0.5 x", "q1 Q0 d2 2 high x", "q1 d3");
        rlab.Write("good.txt", "q1 0 d1 1");
        rlab.Write("bad.txt", "q1 0 d1 1", "", "q1 0 d2");
        Assert.Equal("error: bad.txt:3: expected 4 fields, found 3\n",
            await rlab.Fail("eval", "--run-file", "good.trec", "--qrels", "bad.txt"));
        Assert.Equal(
            "error: bad.trec:2: expected a finite number as score (field 5), found 'high'\n" +
            "error: bad.trec:3: expected 6 fields (query Q0 document rank score tag), found 2\n",
            await rlab.Fail("eval", "--run-file", "bad.trec", "--qrels", "good.txt"));
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    static async Task<bool> IsThere(string program)
    {
        try
        {
            await CliWrap.Cli.Wrap(program).WithArguments("--version")
                .WithValidation(CliWrap.CommandResultValidation.None)
                .ExecuteAsync(TestContext.Current.CancellationToken);
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
