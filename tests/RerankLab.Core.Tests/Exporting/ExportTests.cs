using System.Text;
using RerankLab.Core.Datasets;
using RerankLab.Core.Exporting;
using RerankLab.Core.Keys;
using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;
using RerankLab.Core.Tests.Runs;

namespace RerankLab.Core.Tests.Exporting;

public sealed class ExportTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static readonly RankedList[] Rankings =
    [
        new("q1", [new("文档", 0), new("d,2", -2), new("d\"3", 1e-5f * -1e5f)]),
        new("q2", [new("d1", 0.1f)]),
    ];

    static ExportedRun Run(Activation activation = Activation.Sigmoid, string name = "my run",
        params RankedList[] rankings) =>
        new(name, activation, true, rankings.Length > 0 ? rankings : Rankings, q =>
            q == 0 ? "什么是 <ONNX> & \"C#\"?" : "second");

    static string Write(string format, ExportedRun run)
    {
        var to = new MemoryStream();
        ExportedRun.Formats[format](run, to);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    [Fact]
    public void There_are_four_formats() =>
        Assert.Equal(["trec", "submission", "jsonl", "csv"], ExportedRun.Formats.Keys);

    [Fact]
    public void Trec_has_raw_logits_and_a_tag_without_spaces() => Assert.Equal(
        "q1 Q0 文档 1 0 my-run\nq1 Q0 d,2 2 -2 my-run\nq1 Q0 d\"3 3 -1 my-run\nq2 Q0 d1 1 0.1 my-run\n",
            Write("trec", Run()));

    [Fact]
    public void Csv_is_quoted_where_it_must_be() => Assert.Equal(
        "query,document,rank,score,logit\r\nq1,文档,1,0.5,0\r\nq1,\"d,2\",2,0.11920292202211755,-2\r\n" +
        "q1,\"d\"\"3\",3,0.2689414213699951,-1\r\nq2,d1,1,0.5249791878505392,0.1\r\n", Write("csv", Run()));

    [Fact]
    public void Csv_keeps_line_breaks_inside_quotes() => Assert.Equal(
        "query,document,rank,score,logit\r\n\"a\nb\",\"c\rd\",1,2,2\r\n",
            Write("csv", Run(Activation.None, "x", new RankedList("a\nb", [new("c\rd", 2)]))));

    [Fact]
    public void Json_lines_have_one_query_each_and_chinese_as_it_is() => Assert.Equal(
        """
        {"query_id":"q1","ranked":[{"id":"文档","rank":1,"score":0,"logit":0},{"id":"d,2","rank":2,"score":-2,"logit":-2},{"id":"d\"3","rank":3,"score":-1,"logit":-1}]}
        {"query_id":"q2","ranked":[{"id":"d1","rank":1,"score":0.10000000149011612,"logit":0.1}]}

        """.ReplaceLineEndings("\n"), Write("jsonl", Run(Activation.None)));

    [Fact]
    public void A_submission_is_the_articles_json() => Assert.Equal(
        """
        [
          {
            "query": "什么是 <ONNX> & \"C#\"?",
            "ranked_passages": [
              {
                "id": "文档",
                "score": 0.5
              },
              {
                "id": "d,2",
                "score": 0.11920292202211755
              },
              {
                "id": "d\"3",
                "score": 0.2689414213699951
              }
            ]
          },
          {
            "query": "second",
            "ranked_passages": [
              {
                "id": "d1",
                "score": 0.5249791878505392
              }
            ]
          }
        ]

        """.ReplaceLineEndings("\n"), Write("submission", Run()));

    [Theory]
    [InlineData("q 1", "d")]
    [InlineData("q1", "d\t2")]
    [InlineData("q1", "d\u3000")]
    public void Trec_refuses_ids_with_white_space(string query, string document)
    {
        var error = Assert.Throws<UserError>(() =>
            Write("trec", Run(rankings: [new RankedList(query, [new(document, 1)])])));
        Assert.Contains("holds white space, which TREC's format cannot carry", error.Message);
        Assert.Equal("use --format jsonl or csv", error.Hint);
    }

    [Fact]
    public void What_trec_wrote_is_read_back_to_the_same_float32()
    {
        var random = new Random(41);
        var logits = Enumerable.Range(0, 2000).Select(_ =>
            BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))
            .Where(float.IsFinite).Select(f => f + 0f).Append(float.MaxValue).Append(float.Epsilon)
                .Append(-1.1754944e-38f).ToArray();
        var query = new CandidateQuery("问", [.. logits.Select((_, i) => $"d{i}")], null);
        var ranking = RankedList.ByScore(query, logits, int.MaxValue);

        var problems = new Problems();
        var run = TrecRun.Read(_folder.File("out.trec", Write("trec", Run(rankings: [ranking]))), problems);
        Assert.Empty(problems.Shown());
        Assert.Equal(ranking.Documents.Select(d => (d.Id, BitConverter.SingleToInt32Bits((float)d.Score))),
            run.Of("问").Select(d => (d.Document, BitConverter.SingleToInt32Bits((float)d.Score))));
    }

    RunData Data(params string[] queries)
    {
        var keys = queries.Select(q => new QueryKeys(PairKeys.OfQuery(q.Utf8()), [new(1)]));
        return new RunData([.. queries.Select((_, i) => new CandidateQuery($"q{i}", ["d"], null))], [.. keys],
            [.. queries.Select(_ => new float[1])], null);
    }

    DataFile Experiment()
    {
        _folder.Write("dev.jsonl", """
            {"query": "first", "passages": [{"id": "p", "text": "t"}]}
            {"query": "第二", "passages": [{"id": "p", "text": "t"}]}
            """);
        return _folder.File("exp.yaml", "dataset: {candidates: dev.jsonl}\nscorer: {model: m}\n");
    }

    [Fact]
    public void Query_texts_are_found_by_their_keys() =>
        Assert.Equal(["第二", "first"], QueryTexts.Of(GivenRuns.Run(), Data("第二", "first"), Experiment()));

    [Fact]
    public void A_query_whose_text_is_another_now_is_named()
    {
        var error = Assert.Throws<UserError>(() =>
            QueryTexts.Of(GivenRuns.Run("gte"), Data("first", "changed"), Experiment()));
        Assert.Equal("exp.yaml has another text, or none, for query 'q1' of run 'gte'", error.Message);
        Assert.Contains("--experiment", error.Hint);
    }

    [Fact]
    public void The_runs_own_assignments_hold_when_its_texts_are_read()
    {
        var experiment = Experiment();
        File.Move(_folder["dev.jsonl"], _folder["test.jsonl"]);
        Assert.Throws<UserError>(() => QueryTexts.Of(GivenRuns.Run(), Data("first"), experiment));
        Assert.Equal(["first"], QueryTexts.Of(GivenRuns.Run() with { Overrides = ["dataset.candidates=test.jsonl"] },
            Data("first"), experiment));
    }
}
