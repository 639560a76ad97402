using RerankLab.Core.Scoring;
using RerankLab.Core.Tests.Scoring;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Tests.Verification;

public sealed class CacheVerificationTests
{
    static readonly ScoringSession Early = Remembered.Session("early", hour: 1), Late = Remembered.Session("late", hour: 2, provider: "GPU");

    static Remembered Halves() => new(Remembered.Words([.. Enumerable.Repeat(10, 20)]), (_, c) => c < 5 ? Late : Early);

    [Fact]
    public void What_is_scored_alike_passes()
    {
        var report = Halves().Verify(Halves().Scorer(), sample: 100);
        Assert.True(report.Passes);
        Assert.Equal((200, 100), (report.Cached, report.Scores.Pairs));
        Assert.Equal((0, 0, 0), (report.Scores.MaxDifference, report.Scores.MeanDifference, report.Flips.Flips));
        Assert.Equal(new RankFlips(0, 10 * 45, 0, 10), report.Flips);
    }

    [Fact]
    public void The_largest_difference_is_named_and_the_mean_is_over_all()
    {
        var remembered = Halves();
        var report = remembered.Verify(remembered.Scorer((q, c) => (q, c) switch { (3, 4) => -0.5f, (3, 5) => 0.25f, _ => 0 }));
        Assert.False(report.Passes);
        Assert.Equal(new RescoredPair("q3", "d4", 34, 33.5f, 2, 2), report.Scores.Largest);
        Assert.Equal((0.5, 0.75 / 200, 2), (report.Scores.MaxDifference, report.Scores.MeanDifference, report.Scores.AboveTolerance));
    }

    [Fact]
    public void Each_session_is_told_apart_the_oldest_first()
    {
        var remembered = Halves();
        var report = remembered.Verify(remembered.Scorer((_, c) => c < 5 ? 0.5f : 0), sample: 40);
        Assert.Equal([Early, Late], report.Sessions.Select(s => s.Session));
        Assert.Equal([(100, 20, 0.0, true), (100, 20, 0.5, false)],
            report.Sessions.Select(s => (s.Cached, s.Scores.Pairs, s.Scores.MaxDifference, s.Scores.Passes)));
        Assert.Empty(report.Sessions[0].SetupDiffers);
        Assert.Equal(["provider (there GPU, here none)"], report.Sessions[1].SetupDiffers);
        Assert.False(report.Passes);
    }

    [Fact]
    public void Orders_within_a_query_are_compared_across_sessions()
    {
        var remembered = Halves();
        // Candidates 0 to 4 overtake candidate 5, and no other.
        var report = remembered.Verify(remembered.Scorer((q, c) => q == 2 && c == 5 ? -5.5f : 0));
        Assert.Equal(new RankFlips(5, 20 * 45, 1, 20), report.Flips);
    }

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.49, false)]
    public void A_difference_as_large_as_the_tolerance_is_within_it(double tolerance, bool passes)
    {
        var remembered = Halves();
        var report = remembered.Verify(remembered.Scorer((q, c) => q == 0 && c == 0 ? 0.5f : 0), tolerance: tolerance);
        Assert.Equal(passes, report.Passes);
        Assert.Equal(new Tolerance(tolerance, "as asked"), report.Tolerance);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_any_more_fails_is_named_and_spoils_no_mean(float bad)
    {
        var remembered = Halves();
        var report = remembered.Verify(remembered.Scorer((q, c) => q == 5 && c == 7 ? bad : 0), tolerance: double.MaxValue);
        Assert.False(report.Passes);
        Assert.Equal((1, "q5", "d7"), (report.Scores.NotFinite, report.Scores.FirstNotFinite!.Query, report.Scores.FirstNotFinite.Document));
        Assert.Equal((200, 0, 0), (report.Scores.Pairs, report.Scores.MaxDifference, report.Scores.MeanDifference));
        Assert.Equal([true, false], report.Sessions.Select(s => s.Scores.NotFinite == 0).OrderDescending());
    }

    [Fact]
    public void Nothing_finite_leaves_no_largest_difference()
    {
        var remembered = Halves();
        var scores = remembered.Verify(remembered.Scorer((_, _) => float.NaN)).Scores;
        Assert.Null(scores.Largest);
        Assert.Equal((200, 0.0, 0.0), (scores.NotFinite, scores.MaxDifference, scores.MeanDifference));
    }

    [Fact]
    public void Another_number_of_tokens_fails_however_close_the_logits_are()
    {
        var remembered = new Remembered(Remembered.Words(3, 3), (_, _) => Early, tokens: (q, c) => (q, c) == (1, 2) ? 9 : 2);
        var report = remembered.Verify(remembered.Scorer());
        Assert.False(report.Passes);
        Assert.Equal(0, report.Scores.MaxDifference);
        Assert.Equal((1, new RescoredPair("q1", "d2", 12, 12, 9, 2)), (report.Scores.TokensDiffer, report.Scores.FirstOfOtherLength));
    }

    [Fact]
    public void Batches_are_those_of_a_run()
    {
        var random = new Random(7);
        var dataset = Given.Dataset([.. Enumerable.Range(0, 30).Select(q => ($"query {q}", Enumerable.Range(0, 25)
            .Select(p => $"p{q}-{p}" + string.Concat(Enumerable.Repeat(" w", random.Next(0, 40)))).ToArray()))]);
        var remembered = new Remembered(dataset, (_, _) => Early);
        var (run, verified) = (new WordScorer((_, _) => 1), new WordScorer((_, _) => 1));
        var missing = MissingPairs.Of(dataset, remembered.Keys, new PairScores(remembered.Keys));
        new ScoringPass(dataset, remembered.Keys, run, new MemoryCache())
            .Run(missing.Pairs, new ScoringOptions(), TestContext.Current.CancellationToken);

        remembered.Verify(verified);

        Assert.Equal(run.Batches, verified.Batches);
    }

    [Fact]
    public void The_cache_is_not_written()
    {
        var remembered = Halves();
        int scores = remembered.Cache.Added.Count;
        remembered.Verify(remembered.Scorer((_, _) => 1));
        Assert.Equal((scores, 0), (remembered.Cache.Added.Count, remembered.Cache.TimesLookedAfter));
    }

    [Fact]
    public void Where_nothing_is_cached_no_model_is_loaded()
    {
        var remembered = new Remembered(Remembered.Words(3), (_, _) => null);
        var error = Assert.Throws<UserError>(() => new CacheVerification(remembered.Cache, remembered, remembered).Run(remembered.Dataset,
            Remembered.Identity("fp32"), new VerificationSpec(null, null, 0), () => throw new InvalidOperationException("loaded"), new ScoringOptions(),
            TestContext.Current.CancellationToken));
        Assert.StartsWith("nothing to verify: no pair of this experiment has a score of this very scorer (", error.Message);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public void Stopped_it_says_nothing_of_the_scores()
    {
        var remembered = Halves();
        using var stop = new CancellationTokenSource();
        var scorer = new WordScorer((_, _) => 1) { Limits = new BatchLimits(10, int.MaxValue, 1), AfterBatch = _ => stop.Cancel() };
        Assert.Throws<OperationCanceledException>(() => new CacheVerification(remembered.Cache, remembered, remembered).Run(remembered.Dataset,
            Remembered.Identity("fp32"), new VerificationSpec(null, null, 0), () => scorer, new ScoringOptions(), stop.Token));
        Assert.Single(scorer.Batches);
    }
}
