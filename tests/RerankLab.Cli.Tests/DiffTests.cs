namespace RerankLab.Cli.Tests;

public sealed class DiffTests(DemoLab demo)
{
    [Fact]
    public async Task Only_the_key_that_changed_stands_in_the_set_up()
    {
        var json = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--format", "json")).Json;
        Assert.Equal("demo-base", (string?)json["baseline"]!["run"]);
        Assert.Equal(demo.Uid(demo.Warm), (string?)json["baseline"]!["uid"]);
        var run = Assert.Single(json["runs"]!.AsArray())!;
        Assert.Equal(demo.Uid(demo.Short), (string?)run["uid"]);
        var change = Assert.Single(run["setup"]!.AsArray())!;
        Assert.Equal(("scorer.max_length", "512", "64"),
            ((string?)change["key"], (string?)change["baseline"], (string?)change["value"]));
        Assert.False((bool)run["scores_shared"]!);
        Assert.Empty(run["reservations"]!.AsArray());
    }

    [Fact]
    public async Task Wins_ties_and_losses_add_up_to_the_queries_and_fit_the_values_by_query()
    {
        var rows = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short")).Rows;
        var byQuery = (await demo.Rlab.Succeed("eval", "demo-base", "demo-short", "--by-query"))
            .Rows.Where(r => r["query"] != "all")
            .ToDictionary(r => (r["run"], r["measure"], r["query"]), r => double.Parse(r["value"]));
        Assert.Equal(["nDCG@10", "RR@10", "R@10", "AP"], rows.Select(r => r["measure"]));
        foreach (var row in rows)
        {
            var pairs = byQuery.Where(v => v.Key.Item1 == "demo-base" && v.Key.Item2 == row["measure"])
                .Select(v => (Baseline: v.Value, Run: byQuery[("demo-short", v.Key.Item2, v.Key.Item3)])).ToList();
            Assert.Equal($"{pairs.Count(p => p.Run > p.Baseline + 1e-9)}", row["wins"]);
            Assert.Equal($"{pairs.Count(p => p.Run < p.Baseline - 1e-9)}", row["losses"]);
            Assert.Equal(52, int.Parse(row["wins"]) + int.Parse(row["ties"]) + int.Parse(row["losses"]));
            Assert.Equal((double)demo.Cold.Json["measures"]![row["measure"]]!, double.Parse(row["baseline"]));
            Assert.Equal((double)demo.Short.Json["measures"]![row["measure"]]!, double.Parse(row["value"]));
            Assert.Equal(double.Parse(row["value"]) - double.Parse(row["baseline"]), double.Parse(row["difference"]),
                1e-12);
            Assert.Equal(double.Parse(row["difference"]) / double.Parse(row["baseline"]),
                double.Parse(row["relative"]), 1e-12);
            Assert.InRange(double.Parse(row["p"]), 0, 1);
        }
        Assert.InRange(double.Parse(rows[0]["p"]), 0, 0.001);
    }

    [Fact]
    public async Task Json_says_the_same_of_the_measures_as_tsv()
    {
        var tsv = await demo.Rlab.Succeed("diff", "demo-base", "demo-short");
        var json = (await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--format", "json")).Json["runs"]![0]!["measures"]!.AsArray();
        Assert.Equal("measure\trun\tbaseline\tvalue\tdifference\trelative\twins\tties\tlosses\tp\tp_holm\tp_ttest\tci_low\tci_high\t" +
                     "effect_size\tdetectable\tbetter_than\tworse_than", string.Join('\t', tsv.Table[0]));
        Assert.Equal(
            tsv.Rows.Select(r => string.Join(' ', r.Where(f => f.Key is not ("run" or "better_than" or "worse_than")).Select(f => f.Value))),
            json.Select(m => string.Join(' ', m!.AsObject().Select(f => f.Value!.ToString()))));
    }

    [Fact]
    public async Task The_table_says_what_differs_and_what_moved()
    {
        var result = await demo.Rlab.Succeed("diff", "demo-base", "demo-short", "--format", "table");
        Assert.Contains("What differs in the set-up of demo-base and demo-short:", result.Out);
        Assert.Contains("scorer.max_length", result.Out);
        Assert.DoesNotContain("scorer.fingerprint", result.Out);
        Assert.DoesNotContain("dataset.", result.Out);
        Assert.Contains("-16.2%", result.Out.Split('\n').First(l => l.Contains("nDCG@10")));
        Assert.StartsWith("note: demo-base: mean over 52 judged queries", result.Error);
    }

    [Fact]
    public async Task Runs_of_one_set_up_differ_in_nothing()
    {
        var json = (await demo.Rlab.Succeed("diff", "@3", "@2", "--format", "json")).Json["runs"]![0]!;
        Assert.Empty(json["setup"]!.AsArray());
        Assert.True((bool)json["scores_shared"]!);
        Assert.All(json["measures"]!.AsArray(), m =>
        {
            Assert.Equal((0.0, 52), ((double)m!["difference"]!, (int)m["ties"]!));
            Assert.False((double?)m["p"] < 1);
        });
        Assert.Contains("have the same set-up", (await demo.Rlab.Succeed("diff", "@3", "@2", "--format", "table")).Out);
    }

    [Fact]
    public async Task Several_arms_are_compared_with_the_first_on_named_measures()
    {
        var rows = (await demo.Rlab.Succeed("diff", "@1", "@2", "@3", "-m", "MRR@5", "-m", "AP")).Rows;
        Assert.Equal(4, rows.Count);
        Assert.Equal(2, rows.Select(r => r["run"]).Distinct().Count());
        Assert.Equal(["RR@5", "AP"], rows.Select(r => r["measure"]).Distinct());
        Assert.All(rows, r => Assert.True(double.Parse(r["difference"]) > 0));
    }

    [Fact]
    public async Task One_run_is_not_enough() =>
        Assert.StartsWith("error: rlab diff needs at least two runs\nhint: ",
            await demo.Rlab.Fail("diff", "demo-base"));
}
