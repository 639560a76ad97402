using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

/// <summary>The article's form: one query with its passages a line.</summary>
public sealed class JsonlCandidatesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    Dataset Read(string text, int? depth = null) => Read(text.Utf8(), depth);

    Dataset Read(byte[] bytes, int? depth = null, DataFile? qrels = null) =>
        DatasetReader.Read(new JsonlCandidatesSpec(_folder.File("dev.jsonl", bytes), qrels, depth), _problems);

    void AssertProblem(string text, string problem)
    {
        Read(text);
        Assert.Equal([problem], _problems.Shown());
    }

    const string Two = """
        {"query": "What is ONNX?", "passages": [{"id": "p1", "text": "A format."}, {"id": "p2", "text": "重排序\n模型"}]}
        {"id": 7, "query": "重排序", "passages": [{"id": 12, "text": "x"}]}

        """;

    [Fact]
    public void Queries_and_passages_stand_in_the_order_of_the_file()
    {
        var dataset = Read(Two);

        Assert.Empty(_problems.Shown());
        Assert.Empty(dataset.Notes);
        Assert.True(dataset.HasFirstStageOrder);
        Assert.Null(dataset.Qrels);
        Assert.Equal(2, dataset.Candidates.Count);
        Assert.Equal(["p1", "p2"], dataset.Candidates[0].Documents);
        Assert.Null(dataset.Candidates[0].FirstStageScores);
        Assert.Equal("What is ONNX?", dataset.Texts[dataset.CandidateTexts[0].Query]);
        Assert.Equal(["A format.", "重排序\n模型"], dataset.CandidateTexts[0].Passages.Select(p => dataset.Texts[p]));
        Assert.Equal(("7", "12"), (dataset.Candidates[1].Id, dataset.Candidates[1].Documents[0]));
        Assert.Equal("重排序", dataset.Texts[dataset.CandidateTexts[1].Query]);
    }

    [Fact]
    public void Plain_and_compressed_files_with_and_without_bom_and_crlf_give_the_same()
    {
        var crlf = ("\uFEFF" + Two.Replace("\r", "").Replace("\n", "\r\n").TrimEnd()).Utf8();
        var (expected, expectedPassages) = (Read(Two), Passages(Read(Two)));
        foreach (var bytes in new[] { crlf, Ground.Gzip(Two.Utf8()), Ground.Gzip(crlf), Ground.Zstd(Two.Utf8()),
            Ground.Zstd(crlf) })
        {
            var dataset = Read(bytes);
            Assert.Empty(_problems.Shown());
            Assert.Equal(expected.Candidates.Select(c => (c.Id, string.Join(',', c.Documents))),
                dataset.Candidates.Select(c => (c.Id, string.Join(',', c.Documents))));
            Assert.Equal(expectedPassages, Passages(dataset));
        }

        static string[] Passages(Dataset dataset) =>
            [.. dataset.CandidateTexts.SelectMany(t => t.Passages).Select(p => dataset.Texts[p])];
    }

    [Theory]
    [InlineData("What is ONNX?", "efedf084888b")]
    [InlineData("重排序模型有哪些？", "3688d85cd94c")]
    public void A_query_without_an_id_gets_the_first_twelve_digits_of_its_md5(string query, string id) =>
        Assert.Equal(id, Read($$"""{"query": "{{query}}", "passages": [{"id": "p", "text": "t"}]}""").Candidates[0].Id);

    [Fact]
    public void Scored_passages_are_ordered_by_score_then_id_and_cut_to_the_depth()
    {
        var dataset = Read("""
            {"query": "q", "passages": [{"id": "a", "text": "A", "score": 1}, {"id": "c", "text": "C", "score": 2.5},
            """.TrimEnd() + """
             {"id": "b", "text": "B", "score": 2.5}, {"id": "d", "text": "D", "score": -3e2}]}
            """, depth: 3);
        Assert.Empty(_problems.Shown());
        Assert.Equal(["c", "b", "a"], dataset.Candidates[0].Documents);
        Assert.Equal([2.5, 2.5, 1], dataset.Candidates[0].FirstStageScores!);
        Assert.Equal(["C", "B", "A"], dataset.CandidateTexts[0].Passages.Select(p => dataset.Texts[p]));
    }

    [Fact]
    public void Passages_without_scores_are_cut_to_the_depth_in_their_order()
    {
        var dataset = Read("""{"query": "q", "passages": [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}, {"id": "a", "text": "A"}]}""", depth: 2);
        Assert.Equal(["x", "y"], dataset.Candidates[0].Documents);
        Assert.Equal(["X", "Y"], dataset.CandidateTexts[0].Passages.Select(p => dataset.Texts[p]));
    }

    const string Labelled = """
        {"id": "q1", "query": "a", "passages": [{"id": "p1", "text": "t", "label": 2}, {"id": "p2", "text": "t"}, {"id": "p3", "text": "t", "label": 0}]}
        {"id": "q2", "query": "b", "passages": [{"id": "p1", "text": "t"}]}
        {"id": "q3", "query": "c", "passages": [{"id": "p1", "text": "t", "label": -1}]}
        """;

    [Fact]
    public void Integer_labels_inside_become_the_judgements_and_the_rest_is_unjudged()
    {
        var qrels = Read(Labelled, depth: 1).Qrels!;
        Assert.Equal(["q1", "q3"], qrels.Queries);
        Assert.Equal(new Dictionary<string, int> { ["p1"] = 2, ["p3"] = 0 }, qrels.Of("q1"));
        Assert.Equal(new Dictionary<string, int> { ["p1"] = -1 }, qrels.Of("q3"));
    }

    [Fact]
    public void Labels_stand_in_the_order_of_the_file_whatever_the_order_of_the_candidates()
    {
        var dataset = Read("""
            {"id": "q", "query": "a", "passages": [{"id": "a", "text": "t", "score": 1, "label": 3}, {"id": "b", "text": "t", "score": 3},
            """.TrimEnd() + """
             {"id": "c", "text": "t", "score": 4, "label": -300}, {"id": "d", "text": "t", "score": 2, "label": 0}]}
            """, depth: 3);
        Assert.Empty(_problems.Shown());
        Assert.Equal(["c", "b", "d"], dataset.Candidates[0].Documents);
        Assert.Equal([new("a", 3), new("c", -300), new("d", 0)], dataset.Qrels!.Of("q")!);
    }

    [Fact]
    public void A_qrels_file_wins_over_labels_inside_and_says_so()
    {
        var dataset = Read(Labelled.Utf8(), qrels: _folder.File("qrels.txt", "q2 0 p1 1\n"));
        Assert.Equal(["q2"], dataset.Qrels!.Queries);
        Assert.Equal(["the labels inside the candidates are not used: dataset.qrels is given"], dataset.Notes);
    }

    [Fact]
    public void What_is_odd_but_allowed_is_counted_and_noted()
    {
        var dataset = Read("""
            {"query": "", "passages": [{"id": "p1", "text": "", "lang": "en"}, {"id": "p2", "text": "t", "lang": "zh"}], "topic": 1}
            {"query": "nothing found", "passages": []}
            {"query": "a", "passages": [{"id": "p1", "text": ""}]}
            """);
        Assert.Empty(_problems.Shown());
        Assert.Equal(2, dataset.Candidates.Count);
        Assert.Equal(
        [
            "dev.jsonl: keys that mean nothing to rlab: lang (2 times), topic (1 times)",
            "queries without candidates, left out: 1",
            "empty query or passage texts: 3",
        ], dataset.Notes);
    }

    [Fact]
    public void Broken_json_is_reported_with_file_and_line()
    {
        Read("""
            {"query": "a", "passages": []}
            {"query": "a", "passages": [}

            {"query": "c", "passages": []} {"query": "d", "passages": []}
            not json
            """);
        var shown = _problems.Shown();
        Assert.Equal(3, shown.Length);
        Assert.StartsWith("dev.jsonl:2: broken JSON: '}' is an invalid start of a value. At byte 29 of the line.",
            shown[0]);
        Assert.StartsWith("dev.jsonl:4: broken JSON: ", shown[1]);
        Assert.StartsWith("dev.jsonl:5: broken JSON: ", shown[2]);
        Assert.DoesNotContain("LineNumber", string.Concat(shown));
    }

    [Fact]
    public void Invalid_utf8_is_reported_with_its_line()
    {
        byte[] bytes = [.. """{"id": "1", "query": "a", "passages": []}"""u8, (byte)'\n', .. "{\"query\": \""u8, 0xE9,
            .. "\", \"passages\": []}\n"u8];
        Read(bytes);
        Assert.Equal(["dev.jsonl:2: invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)"],
            _problems.Shown());
    }

    [Fact]
    public void A_query_id_twice_names_the_line_that_had_it_first()
    {
        AssertProblem("""
            {"id": "q", "query": "a", "passages": [{"id": "p", "text": "t"}]}

            {"id": "q", "query": "b", "passages": [{"id": "p", "text": "t"}]}
            """, "dev.jsonl:3: query id 'q' stands on line 1 already");
    }

    [Fact]
    public void The_same_query_twice_without_ids_is_the_same_id_twice()
    {
        Read("""
            {"query": "a", "passages": [{"id": "p", "text": "t"}]}
            {"query": "a", "passages": [{"id": "q", "text": "t"}]}
            """);
        Assert.Equal(["dev.jsonl:2: query id '0cc175b9c0f1' stands on line 1 already"], _problems.Shown());
    }

    [Theory]
    [InlineData("""{"id": "q", "query": "a", "passages": [{"id": "p", "text": "t"}, {"id": "p", "text": "u"}]}""",
        "document 'p' stands twice under query 'q'")]
    [InlineData("""{"query": "a", "passages": [{"id": "p", "text": "t", "score": 1}, {"id": "r", "text": "u"}, {"id": "s", "text": "u"}]}""",
        "1 of 3 passages have a \"score\"; expected all of them or none")]
    [InlineData("""{"query": "a", "passages": [{"id": "p", "text": "t", "score": "1"}]}""",
        "expected a finite number as \"score\" of passage 'p'")]
    [InlineData("""{"query": "a", "passages": [{"id": "p", "text": "t", "score": 1e999}]}""",
        "expected a finite number as \"score\" of passage 'p'")]
    [InlineData("""{"query": "a", "passages": [{"id": "p", "text": "t", "label": 1.5}]}""",
        "expected an integer as \"label\" of passage 'p', found 1.5")]
    [InlineData("""{"query": "a", "passages": [{"id": "p", "text": "t", "label": true}]}""",
        "expected an integer as \"label\" of passage 'p', found true")]
    [InlineData("""{"query": "a"}""", "expected \"passages\": [ … ]")]
    [InlineData("""{"query": "a", "passages": {}}""", "expected \"passages\": [ … ]")]
    [InlineData("""{"passages": []}""", "the key \"query\" is missing")]
    [InlineData("""{"query": 5, "passages": []}""", "expected a string as \"query\", found Number")]
    [InlineData("""{"query": "\ud800", "passages": []}""",
        "\"query\" holds an unpaired surrogate (\\ud800…\\udfff), which is no text")]
    [InlineData("""{"query": "a", "passages": [{"text": "t"}]}""", "passage 1 has no \"id\"")]
    [InlineData("""{"query": "a", "passages": [{"id": "", "text": "t"}]}""",
        "expected a non-empty string as \"id\", found \"\"")]
    [InlineData("""{"query": "a", "passages": [{"id": 1.5, "text": "t"}]}""",
        "expected a non-empty string as \"id\", found 1.5")]
    [InlineData("""{"query": "a", "passages": [{"id": "p"}]}""", "the key \"text\" is missing")]
    [InlineData("""{"query": "a", "passages": ["p"]}""", "expected passages as objects, found String")]
    [InlineData("""["a"]""", "expected a JSON object, found Array")]
    public void A_line_of_another_shape_is_reported_with_what_was_expected(string line, string problem) =>
        AssertProblem($$"""{"query": "good", "passages": [{"id": "p", "text": "t"}]}""" + "\n" + line + "\n",
            $"dev.jsonl:2: {problem}");

    [Fact]
    public void An_empty_file_is_a_problem() =>
        AssertProblem("", "dev.jsonl: the file is empty; expected one JSON object a line");

    [Fact]
    public void Problems_of_candidates_and_qrels_are_reported_together_and_each_file_is_cut_at_twenty()
    {
        var qrels = _folder.File("qrels.txt", "q 0 d\nq 0 e one\n");
        Read(string.Concat(Enumerable.Repeat("{\n", 25)).Utf8(), qrels: qrels);
        var shown = _problems.Shown();
        Assert.Equal(23, shown.Length);
        Assert.StartsWith("dev.jsonl:1: broken JSON", shown[0]);
        Assert.StartsWith("dev.jsonl:20: broken JSON", shown[19]);
        Assert.Equal(
        [
            "qrels.txt:1: expected 4 fields, found 3",
            "qrels.txt:2: expected an integer label (field 4), found 'one'",
            "dev.jsonl: and 5 more problems in this file",
        ], shown[20..]);
    }
}
