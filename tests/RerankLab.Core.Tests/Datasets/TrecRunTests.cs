using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class TrecRunTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    TrecRun Read(string text) => TrecRun.Read(_folder.File("run.trec", text), _problems);

    [Fact]
    public void Documents_are_ordered_by_score_whatever_the_rank_column_says()
    {
        var run = Read("q2 Q0 d1 1 0.5 tag\nq2 Q0 d2 2 0.75 tag\nq1 Q0 d3 9 -1e3 tag\nq2 Q0 d4 3 0.625 tag\n");
        Assert.Equal(["q2", "q1"], run.Queries);
        Assert.Equal([("d2", 0.75, 2), ("d4", 0.625, 4), ("d1", 0.5, 1)], run.Of("q2"));
        Assert.Equal([("d3", -1000, 3)], run.Of("q1"));
        Assert.Empty(run.Of("q3"));
        Assert.Empty(_problems.Shown());
    }

    [Fact]
    public void Ties_are_broken_by_document_id_descending() =>
        Assert.Equal(["\U0001F642", "\uFF10", "d9", "d10", "D9"], Read(
            "q Q0 d9 1 1 t\nq Q0 \uFF10 2 1.0 t\nq Q0 d10 3 1 t\nq Q0 \U0001F642 4 1e0 t\nq Q0 D9 5 1 t\n").Of("q")
                .Select(d => d.Document));

    [Fact]
    public void Scores_are_compared_as_doubles_as_trec_eval_10_does() =>
        Assert.Equal(["a", "b"], Read("q Q0 a 1 0.1234567892 t\nq Q0 b 2 0.1234567891 t\n").Of("q")
            .Select(d => d.Document));

    [Fact]
    public void Fields_stand_apart_by_spaces_or_tabs_and_the_tag_may_be_absent()
    {
        Assert.Equal([("d1", 2, 1), ("d2", 1, 3)], Read("  q\tQ0  d1 \t 1 2 \t\n\nq Q0 d2 2 1").Of("q"));
        Assert.Empty(_problems.Shown());
    }

    [Theory]
    [InlineData("q Q0 d 1", "run.trec:2: expected 6 fields (query Q0 document rank score tag), found 4")]
    [InlineData("q Q0 d 1 high t", "run.trec:2: expected a finite number as score (field 5), found 'high'")]
    [InlineData("q Q0 d 1 1,5 t", "run.trec:2: expected a finite number as score (field 5), found '1,5'")]
    [InlineData("q Q0 d 1 NaN t", "run.trec:2: expected a finite number as score (field 5), found 'NaN'")]
    [InlineData("q Q0 d 1 Infinity t", "run.trec:2: expected a finite number as score (field 5), found 'Infinity'")]
    [InlineData("q Q0 d 1 1e999 t", "run.trec:2: expected a finite number as score (field 5), found '1e999'")]
    public void A_broken_line_is_reported_with_its_number(string line, string problem)
    {
        var run = Read($"q Q0 first 1 9 t\n{line}\nq Q0 last 3 1 t\n");
        Assert.Equal([problem], _problems.Shown());
        Assert.Equal(["first", "last"], run.Of("q").Select(d => d.Document));
    }

    [Fact]
    public void Documents_twice_under_a_query_are_reported_with_the_line_that_repeats_them()
    {
        Read("q Q0 a 1 9 t\np Q0 a 1 9 t\nq Q0 b 2 8 t\nq Q0 a 3 7 t\nq Q0 a 4 6 t\np Q0 a 5 9.5 t\n");
        Assert.Equal(
        [
            "run.trec:4: document 'a' stands twice under query 'q'",
            "run.trec:5: document 'a' stands twice under query 'q'",
            "run.trec:6: document 'a' stands twice under query 'p'",
        ], _problems.Shown());
    }

    [Fact]
    public void A_random_run_comes_in_the_total_order_however_its_lines_are_mixed()
    {
        var random = new Random(31);
        var lines = Enumerable.Range(0, 20).SelectMany(q => Enumerable.Range(0, 200).Select(d =>
            (Query: $"问{q}",
                Document: $"{new System.Text.Rune(random.Next(3) == 0 ? random.Next(0x1F600, 0x1F640) : random.Next('a', 'z'))}{d}",
                Score: random.Next(-20, 20) / 4.0))).ToArray();
        random.Shuffle(lines);
        var run = Read(string.Concat(lines.Select(l => $"{l.Query} Q0 {l.Document} 0 {l.Score} t\n")));

        Assert.Empty(_problems.Shown());
        Assert.Equal(lines.Select(l => l.Query).Distinct(), run.Queries);
        foreach (var query in lines.GroupBy(l => l.Query))
            Assert.Equal(query.OrderByDescending(l => l.Score)
                .ThenByDescending(l => Convert.ToHexString(l.Document.Utf8()), StringComparer.Ordinal)
                .Select(l => (l.Document, l.Score)), run.Of(query.Key).Select(d => (d.Document, d.Score)));
    }

    [Fact]
    public void A_document_may_stand_under_several_queries()
    {
        var run = Read("q1 Q0 d 1 1 t\nq2 Q0 d 1 1 t\n");
        Assert.Equal(["q1", "q2"], run.Queries);
        Assert.Empty(_problems.Shown());
    }

    [Fact]
    public void An_empty_file_is_a_problem()
    {
        Read("");
        Assert.Equal(["run.trec: the file is empty; expected a TREC run"], _problems.Shown());
    }
}
