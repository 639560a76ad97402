using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

/// <summary>BEIR and TREC: queries, a corpus and a first-stage run.</summary>
public sealed class CollectionTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    const string Queries = "{\"_id\": \"q1\", \"text\": \"first query\"}\n{\"_id\": \"q2\", \"text\": \"第二\", \"metadata\": {}}\n";

    const string Corpus = """
        {"_id": "d1", "title": "One", "text": "Text of one."}
        {"_id": "d2", "title": "", "text": "Text of two. "}
        {"_id": "d3", "text": "Text of three."}
        {"_id": "d4", "title": "Four", "text": ""}
        {"_id": "d5", "title": "not asked for", "text": "x"}

        """;

    const string Run = "q2 Q0 d3 1 1.5 t\nq1 Q0 d1 1 0.5 t\nq1 Q0 d2 2 0.75 t\nq1 Q0 d4 3 0.75 t\n";

    Dataset Read(string queries = Queries, string corpus = Corpus, string run = Run, int? depth = null,
        string? qrels = null) =>
        Read(queries.Utf8(), corpus.Utf8(), run.Utf8(), depth, qrels);

    Dataset Read(byte[] queries, byte[] corpus, byte[] run, int? depth = null, string? qrels = null) =>
        DatasetReader.Read(
        new CollectionSpec(_folder.File("queries", queries), _folder.File("corpus", corpus), _folder.File("run", run),
            qrels is null ? null : _folder.File("qrels", qrels), depth), _problems);

    static string[] Passages(Dataset dataset, int query) =>
        [.. dataset.CandidateTexts[query].Passages.Select(p => dataset.Texts[p])];

    [Fact]
    public void The_run_chooses_and_orders_the_candidates_and_the_queries_file_the_queries()
    {
        var dataset = Read(qrels: "q1 0 d1 1\n");
        Assert.Empty(_problems.Shown());
        Assert.True(dataset.HasFirstStageOrder);
        Assert.Equal(["q1", "q2"], dataset.Candidates.Select(c => c.Id));
        Assert.Equal(["d4", "d2", "d1"], dataset.Candidates[0].Documents);
        Assert.Equal([0.75, 0.75, 0.5], dataset.Candidates[0].FirstStageScores!);
        Assert.Equal("第二", dataset.Texts[dataset.CandidateTexts[1].Query]);
        Assert.Equal(1, dataset.Qrels!.Of("q1")!["d1"]);
        Assert.Empty(dataset.Notes);
    }

    [Fact]
    public void A_passage_is_title_space_text_trimmed()
    {
        var dataset = Read();
        Assert.Equal(["Four", "Text of two.", "One Text of one."], Passages(dataset, 0));
        Assert.Equal(["Text of three."], Passages(dataset, 1));
    }

    [Fact]
    public void A_passage_is_trimmed_of_any_white_space_whether_it_is_put_together_or_not()
    {
        const string corpus =
            "{\"_id\": \"d1\", \"title\": \"\", \"text\": \"\\u3000 escaped \\n\"}\n" +
            "{\"_id\": \"d2\", \"title\": \"\", \"text\": \" \u3000 stands as it is\u00A0 \"}\n" +
            "{\"_id\": \"d3\", \"title\": \" \u2003title\", \"text\": \"重排\u2028 \"}\n" +
            "{\"_id\": \"d4\", \"text\": \" no title: not trimmed \"}\n";
        var dataset = Read(corpus: corpus);
        Assert.Empty(_problems.Shown());
        Assert.Equal([" no title: not trimmed ", "stands as it is", "escaped"], Passages(dataset, 0));
        Assert.Equal(["title 重排"], Passages(dataset, 1));
    }

    [Fact]
    public void Queries_and_corpus_may_be_tab_separated_and_compressed()
    {
        var dataset = Read(Ground.Gzip("\uFEFFq1\tfirst query\r\nq2\t第二\r\n".Utf8()),
            Ground.Zstd("d1\tOne\td2\nd2\t\nd3\tthree\nd4\tfour".Utf8()), Ground.Gzip(Run.Utf8()));
        Assert.Empty(_problems.Shown());
        Assert.Equal(["four", "", "One\td2"], Passages(dataset, 0));
        Assert.Equal("第二", dataset.Texts[dataset.CandidateTexts[1].Query]);
        Assert.Equal(["empty query or passage texts: 1"], dataset.Notes);
    }

    [Fact]
    public void Depth_cuts_by_first_stage_rank_and_what_lies_deeper_is_not_asked_of_the_corpus()
    {
        var dataset = Read(depth: 1, run: Run + "q1 Q0 nowhere 4 0.1 t\n");
        Assert.Empty(_problems.Shown());
        Assert.Equal(["d4"], dataset.Candidates[0].Documents);
        Assert.Equal([0.75], dataset.Candidates[0].FirstStageScores!);
    }

    [Fact]
    public void Queries_that_the_run_does_not_have_are_left_out_and_counted()
    {
        var dataset = Read(queries: Queries +
            "{\"_id\": \"q3\", \"text\": \"x\"}\n{\"_id\": \"q4\", \"text\": \"x\"}\n");
        Assert.Empty(_problems.Shown());
        Assert.Equal(2, dataset.Candidates.Count);
        Assert.Equal(["queries without candidates, left out: 2"], dataset.Notes);
    }

    [Fact]
    public void Documents_and_queries_of_the_run_that_the_files_lack_are_reported()
    {
        int lines = Run.Count(c => c == '\n');
        Read(run: Run + "q1 Q0 d99 9 0.1 t\nq2 Q0 d99 9 0.1 t\nq9 Q0 d1 1 1 t\nq9 Q0 d2 1 2 t\n");
        Assert.Equal([$"run:{lines + 1}: document 'd99' of the run is not in corpus",
            $"run:{lines + 3}: query 'q9' of the run is not in queries"], _problems.Shown());
    }

    [Fact]
    public void Ids_twice_in_queries_or_corpus_are_reported_with_their_lines()
    {
        Read(queries: Queries + "{\"_id\": \"q1\", \"text\": \"again\"}\n", corpus: Corpus +
            "{\"_id\": \"d5\", \"text\": \"again\"}\n");
        Assert.Equal(["corpus:6: document id 'd5' stands twice in this file",
            "queries:3: query id 'q1' stands twice in this file"], _problems.Shown());
    }

    [Theory]
    [InlineData("""{"text": "x"}""", "the key \"_id\" is missing")]
    [InlineData("""{"_id": "x"}""", "the key \"text\" is missing")]
    [InlineData("""{"_id": "x", "text": ["x"]}""", "expected a string as \"text\", found Array")]
    [InlineData("""{"_id": "x", "text": "x", "title": null}""", "expected a string as \"title\", found Null")]
    [InlineData("x without a tab", "expected 2 fields separated by a tab (id, text), found 1")]
    [InlineData("\tno id", "the id (field 1) is empty")]
    public void A_broken_line_of_the_corpus_is_reported_with_its_number(string line, string problem)
    {
        Read(corpus: $"{Corpus}{line}\n");
        Assert.Equal([$"corpus:6: {problem}"], _problems.Shown());
    }

    [Fact]
    public void Problems_of_all_files_are_reported_together()
    {
        Read(queries: "q1\n", corpus: Corpus + "{\n", run: Run + "q1 Q0\n", qrels: "q1 0 d1 x\n");
        var shown = _problems.Shown();
        Assert.Contains("run:5: expected 6 fields (query Q0 document rank score tag), found 2", shown);
        Assert.Contains(shown, p => p.StartsWith("corpus:6: broken JSON", StringComparison.Ordinal));
        Assert.Contains("queries:1: expected 2 fields separated by a tab (id, text), found 1", shown);
        Assert.Contains("qrels:1: expected an integer label (field 4), found 'x'", shown);
    }

    [Fact]
    public void Empty_files_are_problems_of_their_own()
    {
        Read(queries: "", corpus: "", run: "", qrels: "");
        Assert.Equal(
        [
            "run: the file is empty; expected a TREC run",
            "corpus: the file is empty; expected JSON lines (_id, text) or TSV (id, text)",
            "queries: the file is empty; expected JSON lines (_id, text) or TSV (id, text)",
            "qrels: the file is empty; expected qrels",
        ], _problems.Shown());
    }

    [Fact]
    public void Missing_files_are_reported_once_each()
    {
        DatasetReader.Read(new CollectionSpec(new DataFile("q", _folder["q"]), new DataFile("c", _folder["c"]),
            new DataFile("r", _folder["r"]),
            new DataFile("j", _folder["j"]), null), _problems);
        Assert.Equal(["r: file not found", "c: file not found", "q: file not found", "j: file not found"],
            _problems.Shown());
    }

    [Fact]
    public void The_real_scifact_collection_is_read_whole()
    {
        DataFile Real(string name) => new(name, Repository.Shared("data", "scifact", name));
        var dataset = DatasetReader.Read(new CollectionSpec(Real("queries.test.tsv"), Real("corpus.jsonl"),
            Real("run.bi-encoder.top100.trec"),
            Real("qrels.test.txt"), 20), _problems);
        Assert.Empty(_problems.Shown());
        Assert.Equal(300, dataset.Candidates.Count);
        Assert.All(dataset.Candidates, c => Assert.Equal(20, c.Documents.Length));
        Assert.Equal(300, dataset.Qrels!.Queries.Count);
    }
}
