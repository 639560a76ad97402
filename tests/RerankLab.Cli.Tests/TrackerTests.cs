namespace RerankLab.Cli.Tests;

/// <summary><c>rlab runs</c> and <c>rlab show</c>.</summary>
public sealed class TrackerTests(DemoLab demo)
{
    [Fact]
    public async Task Runs_are_listed_the_latest_first()
    {
        var result = await demo.Rlab.Succeed("runs");
        Assert.Equal("", result.Error);
        Assert.Equal(["demo-short", "demo-base", "demo-base"], result.Rows.Select(r => r["name"]));
        Assert.Equal([demo.Uid(demo.Short), demo.Uid(demo.Warm), demo.Uid(demo.Cold)],
            result.Rows.Select(r => r["id"]));
        Assert.Equal(["1040", "0", "1040"], result.Rows.Select(r => r["scored"]));
        Assert.All(result.Rows, r => Assert.Equal(("complete", "20", "52", "1040", "demo"),
            (r["status"], r["depth"], r["queries"], r["pairs"], r["tags"])));
        Assert.Equal((double)demo.Short.Json["measures"]!["AP"]!, double.Parse(result.Rows[0]["AP"]));
        Assert.True(DateTimeOffset.Parse(result.Rows[0]["started"]) > DateTimeOffset.Parse(result.Rows[1]["started"]));
    }

    [Fact]
    public async Task Json_has_the_same_columns_as_tsv_and_numbers_as_numbers()
    {
        var tsv = await demo.Rlab.Succeed("runs");
        var json = (await demo.Rlab.Succeed("runs", "--format", "json")).Json.AsArray();
        Assert.Equal(3, json.Count);
        Assert.Equal(tsv.Table[0], json[0]!.AsObject().Select(p => p.Key));
        Assert.Equal(tsv.Rows.Select(r => double.Parse(r["nDCG@10"])),
            json.Select(r => r!["nDCG@10"]!.GetValue<double>()));
    }

    [Fact]
    public async Task The_table_shows_a_prefix_of_the_id_that_names_the_run()
    {
        var table = (await demo.Rlab.Succeed("runs", "--format", "table")).Out;
        var prefix = Assert.Single(table.Split('\n'), l => l.Contains("demo-short")).Trim().Split(' ')[0];
        Assert.InRange(prefix.Length, 8, 35);
        Assert.StartsWith(prefix, demo.Uid(demo.Short));
        Assert.Equal(demo.Uid(demo.Short), (await demo.Rlab.Succeed("show", prefix)).Facts["run"]);
    }

    [Fact]
    public async Task A_run_is_named_by_name_by_prefix_or_by_number()
    {
        async Task<string> Shown(params string[] run) => (await demo.Rlab.Succeed(["show", .. run])).Facts["run"];
        Assert.Equal(demo.Uid(demo.Short), await Shown());
        Assert.Equal(demo.Uid(demo.Short), await Shown("@1"));
        Assert.Equal(demo.Uid(demo.Warm), await Shown("@2"));
        Assert.Equal(demo.Uid(demo.Cold), await Shown("@3"));
        Assert.Equal(demo.Uid(demo.Warm), await Shown("demo-base"));
        Assert.Equal(demo.Uid(demo.Cold), await Shown(demo.Uid(demo.Cold)[..35]));
    }

    [Fact]
    public async Task Show_tells_what_the_run_was_made_of()
    {
        var facts = (await demo.Rlab.Succeed("show", "demo-short")).Facts;
        Assert.Equal(("demo-short", "complete", "20", "64", "sigmoid", "cpu", "0.1.0", "demo/short.yaml"),
            (facts["name"], facts["status"], facts["depth"], facts["scorer.max_length"], facts["ranking.activation"],
                facts["device"],
                facts["environment.rlab"], facts["experiment_path"]));
        Assert.Equal((string?)demo.Short.Json["scorer"], facts["scorer.fingerprint"]);
        Assert.Equal((double)demo.Short.Json["measures"]!["nDCG@10"]!, double.Parse(facts["nDCG@10"]));
    }

    [Fact]
    public async Task Show_keeps_the_experiment_as_it_was_written()
    {
        var written = await File.ReadAllTextAsync(Path.Combine(Repository.Demo, "short.yaml"),
            TestContext.Current.CancellationToken);
        var json = (await demo.Rlab.Succeed("show", "demo-short", "--format", "json")).Json.AsArray();
        Assert.Equal(written, (string?)json.Single(f => (string?)f!["key"] == "experiment")!["value"]);
        Assert.Contains(written.Split('\n')[0], (await demo.Rlab.Succeed("show", "demo-short", "--format", "table"))
            .Out);
    }

    [Theory]
    [InlineData("nobody", "error: there is no run 'nobody'")]
    [InlineData("@4", "error: there is no run @4: the lab file has 3")]
    [InlineData("0", "error: there is no run '0'")]
    public async Task A_run_that_is_not_there_is_an_error(string run, string expected)
    {
        Assert.StartsWith(expected, await demo.Rlab.Fail("show", run));
        if (run != "nobody") return;
        Assert.StartsWith(expected, await demo.Rlab.Fail("eval", run));
        Assert.StartsWith(expected, await demo.Rlab.Fail("export", run));
        Assert.StartsWith(expected, await demo.Rlab.Fail("diff", "demo-base", run));
    }

    [Fact]
    public async Task A_prefix_of_several_runs_is_refused()
    {
        var common = new string([.. demo.Uid(demo.Cold).Zip(demo.Uid(demo.Short)).TakeWhile(c => c.First == c.Second)
            .Select(c => c.First)]);
        Assert.StartsWith($"error: '{common[..4]}' is the beginning of 3 runs' ids\nhint: type more of it",
            await demo.Rlab.Fail("show", common[..4]));
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("show")]
    [InlineData("eval")]
    [InlineData("run", "demo/base.yaml")]
    public async Task An_unknown_listing_format_is_refused(params string[] command) =>
        Assert.Equal("error: --format: expected table, tsv or json, found 'xml'\n",
            await demo.Rlab.Fail([.. command, "--format", "xml"]));
}
