using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

/// <summary>MS MARCO's top1000 files: query id, passage id, query, passage.</summary>
public sealed class MsMarcoPairsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    const string Pairs = "q2\td1\tsecond\tpassage one\nq1\td1\tfirst\tpassage one\nq2\td2\tsecond\tpassage\ttwo\nq1\td3\tfirst\t\n";

    Dataset Read(string pairs = Pairs, string? run = null, int? depth = null) => Read(pairs.Utf8(), run, depth);

    Dataset Read(byte[] pairs, string? run = null, int? depth = null) => DatasetReader.Read(
        new PairsSpec(_folder.File("pairs.tsv", pairs), run is null ? null : _folder.File("run", run), null, depth),
            _problems);

    [Fact]
    public void Without_a_run_pairs_stand_in_file_order_which_means_nothing()
    {
        var dataset = Read();
        Assert.Empty(_problems.Shown());
        Assert.False(dataset.HasFirstStageOrder);
        Assert.Equal(["q2", "q1"], dataset.Candidates.Select(c => c.Id));
        Assert.Equal(["d1", "d2"], dataset.Candidates[0].Documents);
        Assert.Null(dataset.Candidates[0].FirstStageScores);
        Assert.Equal("second", dataset.Texts[dataset.CandidateTexts[0].Query]);
        Assert.Equal(["passage one", "passage\ttwo"], dataset.CandidateTexts[0].Passages.Select(p => dataset.Texts[p]));
        Assert.Equal(["empty query or passage texts: 1"], dataset.Notes);
    }

    [Fact]
    public void Compressed_files_with_bom_and_crlf_are_read_alike()
    {
        var crlf = ("\uFEFF" + Pairs.Replace("\n", "\r\n")).Utf8();
        foreach (var bytes in new[] { crlf, Ground.Gzip(crlf), Ground.Zstd(crlf) })
        {
            var dataset = Read(bytes);
            Assert.Empty(_problems.Shown());
            Assert.Equal(["passage one", "passage\ttwo"],
                dataset.CandidateTexts[0].Passages.Select(p => dataset.Texts[p]));
        }
    }

    [Fact]
    public void A_run_chooses_and_orders_the_candidates()
    {
        var dataset = Read(run: "q1 Q0 d3 1 2 t\nq1 Q0 d1 2 3 t\nq2 Q0 d2 1 1 t\n");
        Assert.Empty(_problems.Shown());
        Assert.True(dataset.HasFirstStageOrder);
        Assert.Equal(["d2"], dataset.Candidates[0].Documents);
        Assert.Equal(["d1", "d3"], dataset.Candidates[1].Documents);
        Assert.Equal([3, 2], dataset.Candidates[1].FirstStageScores!);
        Assert.Equal(["passage one", ""], dataset.CandidateTexts[1].Passages.Select(p => dataset.Texts[p]));
        Assert.Contains("pairs that the run does not name, left out: 1", dataset.Notes);
    }

    [Fact]
    public void Depth_cuts_by_the_runs_rank()
    {
        var dataset = Read(run: "q1 Q0 d3 1 2 t\nq1 Q0 d1 2 3 t\nq2 Q0 d2 1 1 t\n", depth: 1);
        Assert.Equal(["d1"], dataset.Candidates[1].Documents);
        Assert.Contains("pairs that the run does not name, left out: 1", dataset.Notes);
    }

    [Fact]
    public void What_lies_below_the_depth_is_not_asked_of_the_pairs()
    {
        var dataset = Read(run: "q1 Q0 d1 1 3 t\nq1 Q0 elsewhere 2 1 t\nq2 Q0 d2 1 1 t\n", depth: 1);
        Assert.Empty(_problems.Shown());
        Assert.Equal(["d1"], dataset.Candidates[1].Documents);
    }

    [Fact]
    public void Documents_and_queries_of_the_run_that_the_pairs_lack_are_reported()
    {
        Read(run: "q1 Q0 d2 1 2 t\nq2 Q0 d2 1 1 t\nq3 Q0 d1 1 1 t\n");
        Assert.Equal(["run:1: document 'd2' of query 'q1' is not in pairs.tsv",
            "run:3: query 'q3' of the run is not in pairs.tsv"], _problems.Shown());
    }

    [Fact]
    public void Queries_that_the_run_lacks_are_left_out_and_counted()
    {
        var dataset = Read(run: "q1 Q0 d1 1 2 t\n");
        Assert.Equal(["q1"], dataset.Candidates.Select(c => c.Id));
        Assert.Equal(["pairs that the run does not name, left out: 3", "queries without candidates, left out: 1"],
            dataset.Notes);
    }

    [Theory]
    [InlineData("q1\td9\tfirst", "expected 4 fields separated by tabs (query id, passage id, query, passage), found 3")]
    [InlineData("q1\td9\tanother text\tp", "query 'q1' has another text here than on its first line")]
    [InlineData("q1\td1\tfirst\tp", "document 'd1' stands twice under query 'q1'")]
    public void A_broken_line_is_reported_with_its_number(string line, string problem)
    {
        Read($"{Pairs}{line}\n");
        Assert.Equal([$"pairs.tsv:5: {problem}"], _problems.Shown());
    }

    [Fact]
    public void An_empty_file_is_a_problem()
    {
        Read("");
        Assert.Equal(["pairs.tsv: the file is empty; expected MS MARCO pairs"], _problems.Shown());
    }
}
