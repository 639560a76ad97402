using RerankLab.Core.Runs;

namespace RerankLab.Core.Tests.Runs;

public sealed class RunSelectorTests
{
    /// <summary>The latest first.</summary>
    static readonly RunRecord[] Runs =
    [
        GivenRuns.Run("gte", "01900000-0003-7000-8000-000000000003"),
        GivenRuns.Run("bge", "01900000-0002-7000-8000-000000000002"),
        GivenRuns.Run("gte", "0190ffff-0001-7000-8000-000000000001"),
    ];

    [Theory]
    [InlineData("gte", 0)]
    [InlineData("bge", 1)]
    [InlineData("@1", 0)]
    [InlineData("@3", 2)]
    [InlineData("0190f", 2)]
    [InlineData("0190FFFF", 2)]
    [InlineData("01900000-0002", 1)]
    [InlineData("01900000-0003-7000-8000-000000000003", 0)]
    public void A_run_is_found_by_its_name_its_number_or_the_beginning_of_its_id(string text, int run) =>
        Assert.Same(Runs[run], RunSelector.Find(Runs, text));

    [Fact]
    public void A_name_wins_over_the_beginning_of_an_id()
    {
        RunRecord[] runs = [.. Runs, GivenRuns.Run("0190f")];
        Assert.Same(runs[3], RunSelector.Find(runs, "0190f"));
    }

    [Fact]
    public void The_beginning_of_several_ids_is_refused()
    {
        var error = Assert.Throws<UserError>(() => RunSelector.Find(Runs, "01900000"));
        Assert.Equal("'01900000' is the beginning of 2 runs' ids", error.Message);
        Assert.Equal("type more of it", error.Hint);
    }

    [Theory]
    [InlineData("GTE")]
    [InlineData("019")] // too short for an id
    [InlineData("@0")]
    [InlineData("@x")]
    [InlineData("")]
    public void What_fits_no_run_is_answered_with_the_names_there_are(string text)
    {
        var error = Assert.Throws<UserError>(() => RunSelector.Find(Runs, text));
        Assert.Equal($"there is no run '{text}'", error.Message);
        Assert.Equal("the lab file has: gte, bge; rlab runs lists them", error.Hint);
    }

    [Fact]
    public void A_number_beyond_the_runs_says_how_many_there_are() =>
        Assert.Equal("there is no run @4: the lab file has 3",
            Assert.Throws<UserError>(() => RunSelector.Find(Runs, "@4")).Message);

    [Fact]
    public void Without_runs_the_way_to_one_is_told()
    {
        var error = Assert.Throws<UserError>(() => RunSelector.Find([], "gte"));
        Assert.Equal("the lab file has no runs yet", error.Message);
        Assert.Contains("rlab run", error.Hint);
    }

    [Fact]
    public void Prefixes_are_as_long_as_it_takes_to_tell_runs_apart()
    {
        Assert.Equal(13, RunSelector.PrefixLength(Runs));
        Assert.Equal(8, RunSelector.PrefixLength([Runs[0], Runs[2]]));
        Assert.Equal(8, RunSelector.PrefixLength([]));
    }
}
