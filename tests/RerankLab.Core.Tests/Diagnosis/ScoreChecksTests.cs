using RerankLab.Core.Diagnosis;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Diagnosis;

public sealed class ScoreChecksTests
{
    static readonly LongBatch Quick = new(2, 900, 512, 0.3, true);

    static readonly Tolerance Sharp = new(1e-4, "fp32");

    /// <summary>Logits of relevant passages, and of irrelevant ones, by query.</summary>
    static float[] Logits(float[] relevant, float[] irrelevant) =>
        [.. relevant.Zip(irrelevant).SelectMany(p => new[] { p.First, p.Second })];

    static float[] All(float relevant, float irrelevant) =>
        Logits([.. TrialPairs.All.Select((_, i) => relevant + i / 64f)],
            [.. TrialPairs.All.Select((_, i) => irrelevant - i / 64f)]);

    static Finding[] Check(float[] alone, float[]? together = null, LongBatch? batch = null,
        Tolerance? tolerance = null) =>
        [.. ScoreChecks.Of(new TrialScores(alone, together ?? alone, 300, 0.1, batch ?? Quick), tolerance ?? Sharp)];

    static Finding Only(Finding[] findings) => Assert.Single(findings, f => f.Severity != Severity.Ok);

    [Fact]
    public void A_rerankers_scores_are_good()
    {
        var findings = Check(All(4, -6));
        Assert.All(findings, f => Assert.Equal(Severity.Ok, f.Severity));
        Assert.Equal(["scores", "scores (English)", "scores (Chinese)", "batches", "long pairs"],
            findings.Select(f => f.Check));
        Assert.Contains("logits from -6.0625 to 4.0625 (0.0023 to 0.9831 after the sigmoid)", findings[0].Found);
    }

    [Theory]
    [InlineData(0.02f, -0.02f, "all scores near 0.5:")]
    [InlineData(0.02f, 0.01f, "all scores near 0.50")]
    [InlineData(-3, -3, "all scores near 0.047")]
    public void Scores_near_one_value_are_a_problem_with_its_likely_reasons(float relevant, float irrelevant,
        string found)
    {
        var logits = Logits([.. TrialPairs.All.Select(_ => relevant)], [.. TrialPairs.All.Select(_ => irrelevant)]);
        var problem = Only(Check(logits));
        Assert.Equal(Severity.Problem, problem.Severity);
        Assert.StartsWith(found, problem.Found);
        Assert.Contains("wrong input format", problem.Remedy);
        Assert.Contains("never trained", problem.Remedy);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_a_problem_wherever_it_comes_from(float bad)
    {
        float[] good = All(4, -6), spoilt = [.. good[1..], bad];
        foreach (var findings in new[] { Check(spoilt), Check(good, spoilt),
            Check(good, batch: Quick with { IsFinite = false }) })
        {
            var problem = Assert.Single(findings);
            Assert.Equal((Severity.Problem, "the model gives NaN or infinity, which is never stored"),
                (problem.Severity, problem.Found));
            Assert.Contains("fp16", problem.Remedy);
        }
    }

    [Fact]
    public void A_language_that_is_ranked_the_wrong_way_round_is_a_warning_of_that_language()
    {
        float[] relevant = [.. TrialPairs.All.Select(p => p.Language == "Chinese" ? -6f : 4f)],
            irrelevant = [.. relevant.Select(r => -1 - r)];
        var warning = Only(Check(Logits(relevant, irrelevant)));
        Assert.Equal((Severity.Warning, "scores (Chinese)"), (warning.Severity, warning.Check));
        Assert.Equal("the relevant passage is not above the irrelevant one for 2 of 2 queries", warning.Found);
        Assert.Contains("not trained on Chinese", warning.Remedy);
    }

    [Fact]
    public void Equal_scores_are_not_the_right_order()
    {
        float[] relevant = [4, 4, 4, 4, 4], irrelevant = [4, -6, -6, -6, -6];
        Assert.Equal("the relevant passage is not above the irrelevant one for 1 of 3 queries",
            Only(Check(Logits(relevant, irrelevant))).Found);
    }

    [Fact]
    public void Scores_that_are_probabilities_already_are_told()
    {
        var warning = Only(Check(All(0.9f, 0.1f)));
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.Contains("between 0 and 1", warning.Found);
        Assert.Contains("ranking.activation: none", warning.Remedy);
    }

    [Fact]
    public void Logits_that_the_sigmoid_makes_equal_are_told()
    {
        var warning = Only(Check(All(40, -6)));
        Assert.Equal((Severity.Warning, "different logits become equal scores after the sigmoid"),
            (warning.Severity, warning.Found));
        Assert.Contains("ranking.activation: none", warning.Remedy);
    }

    [Fact]
    public void Scores_that_depend_on_their_batch_beyond_the_tolerance_are_a_problem()
    {
        float[] alone = All(4, -6), together = [.. alone.Select((l, i) => i == 3 ? l + 0.5f : l)];
        var problem = Only(Check(alone, together));
        Assert.Equal((Severity.Problem, "batches"), (problem.Severity, problem.Check));
        Assert.Contains("differ by up to 0.5, more than 0.0001 (fp32)", problem.Found);
        Assert.Contains("run.batch_tokens: 1", problem.Remedy);
        Assert.All(Check(alone, together, tolerance: new(2, "approximate")), f => Assert.Equal(Severity.Ok,
            f.Severity));
    }

    [Fact]
    public void A_batch_of_long_pairs_that_looks_stuck_is_a_warning()
    {
        Assert.Equal("2 of 900 tokens, cut to 512, in one batch took 0.30 s", Check(All(4, -6))[^1].Found);
        var warning = Only(Check(All(4, -6), batch: new(1, 9000, 8192, 61, true)));
        Assert.Equal((Severity.Warning, "long pairs"), (warning.Severity, warning.Check));
        Assert.Contains("look stuck", warning.Found);
        Assert.Contains("scorer.max_length: 512", warning.Remedy);
    }
}
