using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class BatchBudgetTests
{
    [Fact]
    public void A_failure_halves_it_and_it_never_comes_to_nothing()
    {
        var budget = new BatchBudget(512);
        budget.Fail(480);
        Assert.Equal(240, budget.Tokens);
        for (int i = 0; i < 20; i++) budget.Fail(budget.Tokens);
        Assert.Equal(1, budget.Tokens);
    }

    [Fact]
    public void Batches_in_flight_that_fail_together_halve_it_once()
    {
        var budget = new BatchBudget(512);
        foreach (int padded in (int[])[512, 500, 496, 512]) budget.Fail(padded);
        Assert.Equal(248, budget.Tokens);
    }

    [Fact]
    public void It_grows_by_a_quarter_after_a_stretch_of_full_batches_and_each_failure_doubles_the_stretch()
    {
        var budget = new BatchBudget(1000);
        budget.Fail(800);
        Assert.Equal(16, Stretch(budget, 400));
        Assert.Equal(500, budget.Tokens);
        budget.Fail(500);
        Assert.Equal(250, budget.Tokens);
        Assert.Equal(32, Stretch(budget, 250));
        Assert.Equal(312, budget.Tokens);
        Assert.Equal(32, Stretch(budget, 312));
    }

    [Fact]
    public void Small_batches_prove_nothing_of_the_memory_that_large_ones_need()
    {
        var budget = new BatchBudget(1000);
        budget.Fail(800);
        for (int i = 0; i < 100; i++) budget.Succeed(200);
        Assert.Equal(400, budget.Tokens);
    }

    [Fact]
    public void It_never_grows_beyond_its_limit_and_stays_there()
    {
        var budget = new BatchBudget(100);
        budget.Fail(100);
        for (int i = 0; i < 1000; i++) budget.Succeed(budget.Tokens);
        Assert.Equal(100, budget.Tokens);
    }

    [Fact]
    public void However_memory_changes_failures_become_rare()
    {
        var (budget, random) = (new BatchBudget(32_768), new Random(3));
        int failures = 0, memory = 10_000;
        for (int i = 0; i < 100_000; i++)
        {
            if (i % 20_000 == 0) memory = random.Next(2_000, 32_768);
            if (budget.Tokens > memory)
            {
                budget.Fail(budget.Tokens);
                failures++;
            }
            else budget.Succeed(budget.Tokens);
        }
        Assert.InRange(failures, 1, 60);
    }

    /// <summary>Successes until it grows.</summary>
    static int Stretch(BatchBudget budget, int padded)
    {
        int before = budget.Tokens, successes = 0;
        for (; budget.Tokens == before; successes++) budget.Succeed(padded);
        return successes;
    }
}
