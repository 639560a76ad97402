using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class QrelsFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    Qrels Read(string text) => QrelsFile.Read(_folder.File("qrels", text), _problems);

    [Fact]
    public void Trec_qrels_have_four_fields_and_keep_the_order_of_queries()
    {
        var qrels = Read("q2 0 d1 2\nq1\tQ0\td1\t0\nq2 0 d2 -1\n");
        Assert.Empty(_problems.Shown());
        Assert.Equal(["q2", "q1"], qrels.Queries);
        Assert.Equal(new Dictionary<string, int> { ["d1"] = 2, ["d2"] = -1 }, qrels.Of("q2"));
        Assert.Equal(new Dictionary<string, int> { ["d1"] = 0 }, qrels.Of("q1"));
        Assert.Null(qrels.Of("q3"));
    }

    [Theory]
    [InlineData("query-id\tcorpus-id\tscore\nq\td\t1\n")]
    [InlineData("q\td\t1\n")]
    [InlineData("\uFEFFquery-id\tcorpus-id\tscore\r\nq\td\t1\r\n")]
    public void Beir_qrels_have_three_fields_and_perhaps_a_header(string text)
    {
        var qrels = Read(text);
        Assert.Empty(_problems.Shown());
        Assert.Equal(["q"], qrels.Queries);
        Assert.Equal(1, qrels.Of("q")!["d"]);
    }

    [Fact]
    public void A_first_line_without_a_label_is_a_header_only_by_its_name()
    {
        Read("q\td\thigh\nq\te\t1\n");
        Assert.Equal(["qrels:1: expected an integer label (field 3), found 'high'"], _problems.Shown());
    }

    [Theory]
    [InlineData("q 0 d", "qrels:2: expected 4 fields, found 3")]
    [InlineData("q 0 d 1 x", "qrels:2: expected 4 fields, found 5")]
    [InlineData("q 0 d 1.5", "qrels:2: expected an integer label (field 4), found '1.5'")]
    [InlineData("q 0 d relevant", "qrels:2: expected an integer label (field 4), found 'relevant'")]
    [InlineData("q 0 d 99999999999", "qrels:2: expected an integer label (field 4), found '99999999999'")]
    [InlineData("q 0 a 1", "qrels:2: document 'a' is judged twice under query 'q'")]
    public void A_broken_line_of_trec_qrels_is_reported_with_its_number(string line, string problem)
    {
        var qrels = Read($"q 0 a 1\n{line}\nq 0 b 0\n");
        Assert.Equal([problem], _problems.Shown());
        Assert.Equal(new Dictionary<string, int> { ["a"] = 1, ["b"] = 0 }, qrels.Of("q"));
    }

    [Theory]
    [InlineData("q 0 d 1", "qrels:3: expected 3 fields, found 4")]
    [InlineData("q\td\tx", "qrels:3: expected an integer label (field 3), found 'x'")]
    public void A_broken_line_of_beir_qrels_is_reported_with_its_number(string line, string problem)
    {
        Read($"query-id\tcorpus-id\tscore\nq\ta\t1\n{line}\n");
        Assert.Equal([problem], _problems.Shown());
    }

    [Fact]
    public void The_first_line_of_trec_qrels_is_no_header()
    {
        Read("q 0 d x\n");
        Assert.Equal(["qrels:1: expected an integer label (field 4), found 'x'"], _problems.Shown());
    }

    [Fact]
    public void An_empty_file_is_a_problem()
    {
        Read("");
        Assert.Equal(["qrels: the file is empty; expected qrels"], _problems.Shown());
    }
}
