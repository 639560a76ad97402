namespace RerankLab.Core.Tests;

public sealed class ProblemsTests
{
    readonly Problems _problems = new();

    [Fact]
    public void Nothing_found_throws_nothing()
    {
        Assert.True(_problems.None);
        _problems.ThrowIfAny();
    }

    [Fact]
    public void Problems_of_several_files_are_reported_together_in_the_order_found()
    {
        _problems.Add("b.tsv", 3, "x");
        _problems.Add("a.tsv", null, "y");
        var error = Assert.Throws<UserError>(() => _problems.ThrowIfAny("look there"));
        Assert.Equal($"b.tsv:3: x{Environment.NewLine}a.tsv: y", error.Message);
        Assert.Equal("look there", error.Hint);
    }

    [Fact]
    public void Of_each_file_the_first_twenty_are_shown_and_the_rest_counted()
    {
        for (int line = 1; line <= 23; line++) _problems.Add("bad.tsv", line, "x");
        for (int line = 1; line <= 20; line++) _problems.Add("other.tsv", line, "y");

        var shown = _problems.Shown();
        Assert.Equal(41, shown.Length);
        Assert.Equal("bad.tsv:20: x", shown[19]);
        Assert.Equal("other.tsv:20: y", shown[39]);
        Assert.Equal("bad.tsv: and 3 more problems in this file", shown[40]);
    }
}
