using System.Globalization;

namespace RerankLab.Cli.Tests;

/// <summary>The conventions that <c>rlab eval</c> can be asked for.</summary>
public sealed class EvalOptionsTests : IDisposable
{
    readonly Rlab _rlab = new();

    public EvalOptionsTests()
    {
        _rlab.Write("run.trec", "q1 Q0 b 1 1 t", "q1 Q0 a 2 1 t", "q1 Q0 c 3 1 t", "q2 Q0 a 1 2 t",
            "q2 Q0 b 2 1 t", "q9 Q0 a 1 1 t");
        _rlab.Write("qrels.txt", "q1 0 a 1", "q2 0 a 2", "q3 0 a 1", "q4 0 a 0");
    }

    public void Dispose() => _rlab.Dispose();

    Task<RlabResult> Eval(params string[] arguments) =>
        _rlab.Succeed(["eval", "--run-file", "run.trec", "--qrels", "qrels.txt", .. arguments]);

    [Fact]
    public async Task Missing_queries_count_zero_or_are_dropped_and_the_report_says_which()
    {
        var zero = await Eval("-m", "P@1");
        Assert.Equal("0.25", Assert.Single(zero.Rows)["value"]);
        Assert.Equal("note: run.trec: mean over 4 judged queries, 2 of them without results (counted 0), " +
            "1 without relevant documents; 1 ranked queries without qrels are not counted; " +
            "unjudged@1 50.0 %; ties can change values of 1 queries\n", zero.Error);

        var drop = await Eval("-m", "P@1", "--missing", "drop", "--by-query");
        Assert.Equal(["q1", "q2", "all"], drop.Rows.Select(r => r["query"]));
        Assert.Equal("0.5", drop.Rows[^1]["value"]);
        Assert.Contains("mean over 4 judged queries, 2 of them without results (dropped), 1 without", drop.Error);
    }

    [Theory]
    [InlineData("docid-desc", 1 / 3.0, "")]
    [InlineData("docid-asc", 1, "; tie rule docid-asc")]
    [InlineData("input", 1 / 2.0, "; tie rule input")]
    public async Task The_tie_rule_orders_equal_scores_and_is_named_where_it_is_not_the_usual_one(
        string rule, double value, string told)
    {
        var result = await Eval("-m", "RR", "--by-query", "--tie-rule", rule);
        Assert.Equal(value, double.Parse(result.Rows[0]["value"], CultureInfo.InvariantCulture));
        Assert.EndsWith($"ties can change values of 1 queries{told}\n", result.Error);
    }

    [Fact]
    public async Task With_ties_the_worst_expected_and_best_values_stand_beside_the_value()
    {
        var result = await Eval("-m", "RR", "-m", "NumRet", "--ties", "--by-query");
        Assert.Equal(["run", "query", "measure", "value", "worst", "expected", "best"], result.Table[0]);
        double[] numbers = [.. result.Table[1][3..].Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        Assert.Equal([1 / 3.0, 1 / 3.0, 11 / 18.0, 1], numbers, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(["run.trec", "all", "NumRet", "5", "5", "5", "5"], result.Table[^1]);

        var json = (await Eval("-m", "RR", "-m", "NumRet", "--ties", "--format", "json")).Json[0]!;
        var range = json["ties"]!["RR"]!;
        Assert.Equal((1 / 3.0 + 1) / 4, (double)json["measures"]!["RR"]!, 1e-12);
        Assert.Equal((1 / 3.0 + 1) / 4, (double)range["worst"]!, 1e-12);
        Assert.Equal((11 / 18.0 + 1) / 4, (double)range["expected"]!, 1e-12);
        Assert.Equal(0.5, (double)range["best"]!, 1e-12);
        Assert.Equal(1, (int)range["queries"]!);
        Assert.Equal(0, (int)json["ties"]!["NumRet"]!["queries"]!);
    }

    [Fact]
    public async Task Counts_are_sums_and_whole_numbers_in_a_table() =>
        Assert.Matches(@"run\.trec +5 +2 ",
            (await Eval("-m", "NumRet", "-m", "NumRelRet", "--format", "table")).Out);

    [Fact]
    public async Task Coverage_as_json_has_the_numbers()
    {
        var json = (await Eval("-m", "P@1", "--missing", "drop", "--tie-rule", "input", "--format", "json")).Json[0]!;
        Assert.Equal("input", (string)json["tie_rule"]!);
        Assert.Equal(
            """{"judged_queries":4,"queries_without_results":2,"missing":"drop","queries_without_relevant":1""" +
            ""","queries_without_qrels":1,"unjudged@1":0.5,"queries_changed_by_ties":1,"pairs_missing":0}""",
            json["coverage"]!.ToJsonString());
    }

    [Theory]
    [InlineData("--missing", "skip", "error: --missing: expected zero or drop, found 'skip'\n")]
    [InlineData("--tie-rule", "random", "error: --tie-rule: expected docid-desc or docid-asc or input, found 'random'\n")]
    public async Task Other_conventions_are_refused(string option, string value, string problem) =>
        Assert.Equal(problem, await _rlab.Fail("eval", "--run-file", "run.trec", "--qrels", "qrels.txt", option, value));
}
