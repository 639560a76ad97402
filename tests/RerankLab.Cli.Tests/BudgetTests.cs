using System.Diagnostics;

namespace RerankLab.Cli.Tests;

/// <summary>Runs that may take so long, or cost so much, and no more.</summary>
public sealed class BudgetTests : IDisposable
{
    const int Queries = 10, Depth = 100;

    readonly Rlab _rlab = new();

    public BudgetTests()
    {
        Models.Write(_rlab, "model", Models.SlowByBatch());
        _rlab.Write("c.jsonl", [.. Enumerable.Range(1, Queries).Select(q =>
            $$"""{"id": "q{{q}}", "query": "question {{q}}", "passages": [{{string.Join(", ",
                Enumerable.Range(1, Depth).Select(d => $$"""{"id": "d{{d}}", "text": "answer {{d}}"}"""))}}]}""")]);
        _rlab.Write("qrels.txt", [.. Enumerable.Range(1, Queries).Select(q => $"q{q} 0 d{q} 1")]);
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl, qrels: qrels.txt }",
            "scorer: { model: model, max_length: 64 }", "run: { batch_tokens: 8, in_flight: 1 }",
            "measures: [RR]");
    }

    public void Dispose() => _rlab.Dispose();

    [Theory]
    [InlineData("--budget 5s", "--budget", "5s")]
    [InlineData("--max-cost 0.005 CNY", "--max-cost", "0.005", "--set", "cost.price_per_hour=3.6", "--set",
        "cost.currency=CNY")]
    [InlineData("--budget 5s", "--budget", "5s", "--max-cost", "100", "--set", "cost.price_per_hour=1")]
    public async Task The_run_stops_in_time_and_the_next_one_goes_on(string shown, params string[] budget)
    {
        var watch = Stopwatch.StartNew();
        var stopped = (await _rlab.Run(["run", "e.yaml", "--format", "json", .. budget])).MustExitWith(75);
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(5));
        int kept = _rlab.Single<int>("SELECT count(*) FROM score");
        Assert.InRange(kept, 1, Queries * Depth - 1);
        Assert.Equal(kept, _rlab.Single<int>("SELECT scored FROM session WHERE ended IS NOT NULL"));
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        Assert.Contains($"({shown} is spent)", stopped.Error);
        Assert.DoesNotContain("error:", stopped.Error);
        // With less than the first ten ranks of each query there is no run yet.
        if (kept >= Queries * 10)
        {
            Assert.Equal("partial", (string?)stopped.Json["status"]);
            Assert.InRange((int)stopped.Json["depth"]!, 10, Depth - 1);
        }
        else Assert.Equal("", stopped.Out);

        var next = await _rlab.Succeed("run", "e.yaml", "--format", "json", "--set", "run.batch_tokens=100000",
            "--budget", "1h");
        Assert.Equal((kept, Queries * Depth - kept), ((int)next.Json["hits"]!, (int)next.Json["scored"]!));
        Assert.Equal("complete", (string?)next.Json["status"]);
    }

    [Theory]
    [InlineData("error: --budget: expected a time such as 12m, 1h30m or 90s, found '12'\n", "--budget", "12")]
    [InlineData("error: --budget: expected a time such as 12m, 1h30m or 90s, found '0m'\n", "--budget", "0m")]
    [InlineData("error: --budget: expected a time such as 12m, 1h30m or 90s, found '5m1h'\n", "--budget", "5m1h")]
    [InlineData("error: --budget: expected a time such as 12m, 1h30m or 90s, found ''\n", "--budget", "")]
    [InlineData("error: --max-cost: expected an amount such as 3.00, found '3,00'\n", "--max-cost", "3,00")]
    [InlineData("error: --max-cost: expected an amount such as 3.00, found '0'\n", "--max-cost", "0")]
    [InlineData("error: --max-cost: the experiment does not say what an hour costs\nhint: add cost: ", "--max-cost", "3.00")]
    public async Task What_is_no_budget_is_refused_before_anything_is_spent(string error, params string[] budget)
    {
        Assert.StartsWith(error, await _rlab.Fail(["run", "e.yaml", .. budget]));
        Assert.Empty(_rlab.LabFiles);
    }
}
