using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

public sealed class DiffStatisticsTests(DemoLab demo)
{
    [Fact]
    public async Task Every_statistic_stands_beside_its_measure()
    {
        var json = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "-m", "nDCG@10", "-m", "RR@10", "--format", "json")).Json;
        Assert.Equal(2, (int)json["tests"]!);
        var (ndcg, rr) = (json["runs"]![0]!["measures"]![0]!, json["runs"]![0]!["measures"]![1]!);
        // The worst of 100,000 resamples is never reached; of two tests the stronger is doubled.
        Assert.Equal(1 / 100_001.0, (double)ndcg["p"]!, 1e-12);
        Assert.Equal(2 / 100_001.0, (double)ndcg["p_holm"]!, 1e-12);
        Assert.InRange((double)ndcg["p_ttest"]!, 0, 1e-9);
        Assert.InRange((double)ndcg["difference"]!, (double)ndcg["ci_low"]!, (double)ndcg["ci_high"]!);
        Assert.True((double)ndcg["effect_size"]! < -1);
        Assert.True((double)ndcg["detectable"]! < -(double)ndcg["difference"]!);
        // Three queries moved, two down and one up: 4 of their 8 signs reach as far.
        Assert.Equal((0.5, 0.5), ((double)rr["p"]!, (double)rr["p_holm"]!));
        Assert.True((double)rr["detectable"]! > -(double)rr["difference"]!);

        var agreement = json["runs"]![0]!["agreement"]!;
        Assert.Equal(52, (int)agreement["queries"]!);
        Assert.InRange((double)agreement["kendall_tau"]!, 0.3, 0.9);
        Assert.InRange((double)agreement["rbo"]!, 0.5, 0.95);
    }

    [Fact]
    public async Task Moved_queries_come_with_their_texts_and_the_documents_that_swapped()
    {
        var json = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--moved", "2", "--format", "json")).Json["runs"]![0]!;
        var moved = json["moved"]!;
        Assert.Equal("nDCG@10", (string?)moved["measure"]);
        Assert.Equal((2, 2), (moved["up"]!.AsArray().Count, moved["down"]!.AsArray().Count));
        var byQuery = (await demo.Rlab.Succeed("eval", "demo-base", "demo-short", "-m", "nDCG@10", "--by-query")).Rows
            .Where(r => r["query"] != "all").ToLookup(r => r["query"], r => double.Parse(r["value"]));
        Assert.Equal(byQuery.MinBy(v => v.Last() - v.First())!.Key, (string?)moved["down"]![0]!["query"]);

        var texts = File.ReadLines(demo.Rlab["demo/queries.tsv"]).Select(l => l.Split('\t')).ToDictionary(f => f[0], f => f[1]);
        var corpus = File.ReadLines(demo.Rlab["demo/corpus.jsonl"]).Select(l => JsonNode.Parse(l)!).ToDictionary(d => (string)d["_id"]!);
        foreach (var move in moved["up"]!.AsArray().Concat(moved["down"]!.AsArray()))
        {
            Assert.Equal(texts[(string)move!["query"]!], (string?)move["text"]);
            Assert.NotEmpty(move["documents"]!.AsArray());
            foreach (var document in move["documents"]!.AsArray())
            {
                Assert.StartsWith((string)corpus[(string)document!["id"]!]["title"]!, (string)document["text"]!);
                Assert.InRange(((string)document["text"]!).Length, 1, 101);
                Assert.NotEqual((int?)document["baseline_rank"], (int?)document["rank"]);
            }
        }

        var table = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--moved", "1", "--format", "table")).Out;
        Assert.Contains((string)moved["down"]![0]!["text"]!, table);
        Assert.Contains((string)moved["down"]![0]!["documents"]![0]!["text"]!, table);
        Assert.DoesNotContain((string)moved["down"]![1]!["text"]!, table);
    }

    [Fact]
    public async Task Texts_that_changed_or_are_gone_are_left_out_silently()
    {
        using var rlab = new Rlab().WithDemo();
        await rlab.Succeed("run", "demo/base.yaml");
        await rlab.Succeed("run", "demo/short.yaml");
        var whole = await Moved();
        var (query, document) = ((string)whole["query"]!, whole["documents"]![0]!);
        File.WriteAllText(rlab["demo/corpus.jsonl"], File.ReadAllText(rlab["demo/corpus.jsonl"])
            .Replace($"{{\"_id\": \"{document["id"]}\", \"title\": \"", $"{{\"_id\": \"{document["id"]}\", \"title\": \"Changed "));

        var changed = await Moved();
        Assert.Equal((string?)whole["text"], (string?)changed["text"]);
        Assert.Null(changed["documents"]![0]!["text"]);
        Assert.NotNull(changed["documents"]![1]!["text"]);

        File.Delete(rlab["demo/queries.tsv"]);
        var gone = await rlab.Succeed("diff", "demo-base", "demo-short", "--format", "json");
        Assert.Null(Worst(gone)["text"]);
        Assert.Equal(query, (string?)Worst(gone)["query"]);
        Assert.DoesNotContain("queries.tsv", gone.Error);

        async Task<JsonNode> Moved() => Worst(await rlab.Succeed("diff", "demo-base", "demo-short", "--format", "json"));
        static JsonNode Worst(RlabResult result) => result.Json["runs"]![0]!["moved"]!["down"]![0]!;
    }

    [Fact]
    public async Task The_table_gives_the_reason_why_no_scores_are_shared()
    {
        Assert.Contains("They share no scores: their scorers differ in max_length (512, 64).",
            (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--format", "table")).Out);
        Assert.Contains("They share scores: both take them from one scorer",
            (await demo.Rlab.Succeed("diff", "@3", "@2", "--format", "table")).Out);
    }

    [Fact]
    public async Task A_gate_that_fails_exits_with_2_after_the_report_and_says_which_run_and_measure()
    {
        var result = (await demo.Rlab.Run("diff", "demo-base", "demo-short", "-m", "RR@10", "--fail-if", "nDCG@10 < -0.005",
            "--fail-if", "RR@10 <= -0.5")).MustExitWith(2);
        Assert.Equal(["RR@10", "nDCG@10"], result.Rows.Select(r => r["measure"]));
        var failure = Assert.Single(result.Error.Split('\n'), l => l.StartsWith("failed: "));
        Assert.StartsWith("failed: demo-short: nDCG@10 differs from demo-base's by -0.14", failure);
        Assert.Contains("nDCG@10 < -0.005", failure);
    }

    [Fact]
    public async Task A_gate_that_holds_exits_with_0()
    {
        var result = await demo.Rlab.Succeed("diff", "demo-short", "demo-base", "--fail-if", "nDCG@10 < -0.005", "--fail-if", "AP<0");
        Assert.DoesNotContain("failed:", result.Error);
    }

    [Fact]
    public async Task Malformed_conditions_and_unknown_measures_are_named_together_before_anything_is_read()
    {
        var error = await demo.Rlab.Fail("diff", "demo-base", "demo-short", "--fail-if", "nDCG@10 = 1", "--fail-if", "Foo@1 < 0",
            "--lab", "absent.db");
        Assert.Contains("found 'nDCG@10 = 1'", error);
        Assert.Contains("unknown measure 'Foo@1'", error);
        Assert.StartsWith("error: --moved", await demo.Rlab.Fail("diff", "demo-base", "demo-short", "--moved", "-1"));
        Assert.Equal("error: --format: expected table, tsv, json, md or latex, found 'xml'\n",
            await demo.Rlab.Fail("diff", "demo-base", "demo-short", "--format", "xml"));
        Assert.StartsWith("error: --format", await demo.Rlab.Fail("eval", "demo-base", "--format", "md"));
    }

    [Fact]
    public async Task A_leaderboard_names_the_runs_that_each_is_better_than()
    {
        var json = (await demo.Rlab.Succeed("diff", "@1", "@2", "@3", "-m", "nDCG@10", "-m", "RR@10", "--format", "json")).Json["leaderboard"]!;
        Assert.Equal(3, json.AsArray().Count);
        Assert.Equal([0, 1, 1], json.AsArray().Select(e => e!["better_than"]!["nDCG@10"]!.AsArray().Count));
        Assert.All(json.AsArray(), e => Assert.Empty(e!["better_than"]!["RR@10"]!.AsArray()));
        Assert.Equal("demo-short", (string?)json[1]!["better_than"]!["nDCG@10"]![0]);

        var table = (await demo.Rlab.Succeed("diff", "@1", "@2", "@3", "-m", "nDCG@10", "--format", "table")).Out;
        Assert.Equal(2, table.Split('ᵃ').Length - 1);
        Assert.Contains("Holm's correction for 3 tests", table);
        Assert.DoesNotContain("Superscripts", (await demo.Rlab.Succeed("diff", "@1", "@2", "--format", "table")).Out);

        var rows = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "-m", "nDCG@10", "-m", "RR@10", "--format", "tsv")).Rows;
        Assert.Equal([("", "demo-base"), ("", "")], rows.Select(r => (r["better_than"], r["worse_than"])));
    }

    [Fact]
    public async Task Markdown_and_latex_are_tables_whatever_the_runs_are_called()
    {
        using var rlab = new Rlab().WithDemo();
        await rlab.Succeed("run", "demo/base.yaml", "--set", "name=50%_of|a&b#~^");
        await rlab.Succeed("run", "demo/short.yaml");

        var markdown = (await rlab.Succeed("diff", "@2", "@1", "-m", "nDCG@10", "--format", "md")).Out.Split('\n');
        Assert.Equal("|  | run | nDCG@10 |", markdown[0]);
        Assert.Equal("| --- | --- | ---: |", markdown[1]);
        Assert.Equal(@"| a | 50%\_of\|a\&b\#\~^ | 0.9065<sup>b</sup> |", markdown[2]);
        Assert.Equal("| b | demo-short | 0.7596 |", markdown[3]);
        Assert.Equal("", markdown[4]);
        Assert.StartsWith("Means over 52 queries. Superscripts: ", markdown[5]);

        var latex = (await rlab.Succeed("diff", "@2", "@1", "-m", "nDCG@10", "--format", "latex")).Out.TrimEnd().Split('\n');
        Assert.StartsWith("% Means over 52 queries. Superscripts: ", latex[0]);
        Assert.Equal(
            [
                @"\begin{tabular}{llr}", @"\hline", @" & run & nDCG@10 \\", @"\hline",
                @"a & 50\%\_of\textbar{}a\&b\#\textasciitilde{}\textasciicircum{} & 0.9065$^{b}$ \\",
                @"b & demo-short & 0.7596 \\", @"\hline", @"\end{tabular}",
            ], latex[1..]);
    }
}
