namespace RerankLab.Cli.Tests;

/// <summary>What the user can mend: told with file and line, exit code 1, and nothing is spent or written.</summary>
public sealed class BadInputTests : IDisposable
{
    const string Good =
        """{"id": "q1", "query": "burn", "passages": [""" +
        """{"id": "d1", "text": "first aid"}, {"id": "d2", "text": "sleep"}]}""";

    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    /// <summary>Runs an experiment that must be refused before a lab file is made.</summary>
    async Task<string> Refused(params string[] arguments)
    {
        var error = await _rlab.Fail(["run", .. arguments]);
        Assert.Empty(_rlab.LabFiles);
        return error;
    }

    void WriteCandidates(params string[] lines)
    {
        _rlab.Write("c.jsonl", lines);
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: demo/model }");
    }

    [Fact]
    public async Task Empty_candidates()
    {
        WriteCandidates();
        Assert.Equal("error: c.jsonl: the file is empty; expected one JSON object a line\n", await Refused("e.yaml"));
        WriteCandidates("", "  ", """{"query": "burn", "passages": []}""");
        Assert.StartsWith("error: e.yaml: dataset: no query has candidates\n", await Refused("e.yaml"));
    }

    [Fact]
    public async Task Invalid_UTF_8()
    {
        WriteCandidates(Good);
        using (var file = File.Open(_rlab["c.jsonl"], FileMode.Append))
            file.Write([.. "{\"query\": \"caf"u8, 0xE9, .. "\", \"passages\": []}"u8]);
        Assert.StartsWith("error: c.jsonl:2: invalid UTF-8; expected UTF-8 text", await Refused("e.yaml"));
    }

    [Fact]
    public async Task An_id_that_stands_twice()
    {
        WriteCandidates(Good, Good.Replace("burn", "other"),
            """{"id": "q3", "query": "x", "passages": [{"id": "d", "text": "a"}, {"id": "d", "text": "b"}]}""");
        Assert.Equal(
            "error: c.jsonl:2: query id 'q1' stands on line 1 already\n" +
            "error: c.jsonl:3: document 'd' stands twice under query 'q3'\n", await Refused("e.yaml"));
    }

    [Fact]
    public async Task A_query_text_that_stands_twice_without_ids_is_one_id_twice()
    {
        var line = Good.Replace("\"id\": \"q1\", ", "");
        WriteCandidates(line, line);
        Assert.Matches("^error: c\\.jsonl:2: query id '[0-9a-f]{12}' stands on line 1 already\n$",
            await Refused("e.yaml"));
    }

    [Fact]
    public async Task Ids_that_stand_twice_in_a_collection_and_documents_that_it_lacks()
    {
        File.AppendAllText(_rlab["demo/first-stage.trec"],
            "en01 Q0 nowhere 21 0 crude-tf\nen01 Q0 en-cold-4 22 0 crude-tf\n");
        File.AppendAllText(_rlab["demo/queries.tsv"], "en01\tonce more\n");
        File.AppendAllText(_rlab["demo/corpus.jsonl"],
            """{"_id": "en-cold-1", "title": "", "text": "once more"}""" + "\n");
        var error = await Refused("demo/base.yaml", "--set", "dataset.depth=100");
        Assert.Contains("error: demo/first-stage.trec:1042: document 'en-cold-4' stands twice under query 'en01'\n",
            error);
        Assert.Matches("error: demo/queries\\.tsv:53: query id 'en01' stands twice in this file\n", error);
        Assert.Matches("error: demo/corpus\\.jsonl:[0-9]+: document id 'en-cold-1' stands twice in this file\n", error);
        Assert.Matches(
            "error: demo/first-stage\\.trec:1041: document 'nowhere' of the run is not in demo/corpus\\.jsonl\n",
            error);
        Assert.Equal(4, error.Split("error: ").Length - 1);
    }

    [Fact]
    public async Task Broken_YAML()
    {
        _rlab.Write("e.yaml", "name: x", "dataset: { candidates: c.jsonl", "scorer: [");
        Assert.Matches("^error: e\\.yaml:[234]: broken YAML: ", await Refused("e.yaml"));
        _rlab.Write("e.yaml", "- a", "- b");
        Assert.Matches("^error: e\\.yaml(:1)?: expected one YAML mapping", await Refused("e.yaml"));
        _rlab.Write("e.yaml");
        Assert.StartsWith("error: e.yaml: the file is empty; expected an experiment", await Refused("e.yaml"));
    }

    [Fact]
    public async Task A_missing_experiment_file() =>
        Assert.Equal("error: nowhere.yaml: file not found\n", await Refused("nowhere.yaml"));

    [Fact]
    public async Task Everything_wrong_is_told_in_one_go_with_file_and_line()
    {
        _rlab.Write("c.jsonl", Good, "{", """{"query": "no passages"}""",
            """{"query": "x", "passages": [{"id": "d", "text": "t", "label": 1.5}]}""");
        _rlab.Write("e.yaml",
            "name: broken",
            "dataset:",
            "  candidates: c.jsonl",
            "  qrels: nowhere.txt",
            "  dept: 10",
            "scorer:",
            "  model: demo/model",
            "  max_length: long",
            "  truncation: both",
            "measures: [nDCG@10, nDGC@10]",
            "cost: { price_per_hour: -1 }",
            "colour: red");
        var error = await Refused("e.yaml");
        var lines = error.TrimEnd('\n').Split('\n');
        string[] expected =
        [
            "error: e.yaml:4: dataset.qrels: file not found: nowhere.txt",
            "error: e.yaml:5: unknown key 'dataset.dept'; expected one of: ",
            "error: e.yaml:8: scorer.max_length: expected a whole number of at least 1, found 'long'",
            "error: e.yaml:9: scorer.truncation: expected longest_first or only_second, found 'both'",
            "error: e.yaml:10: measures: unknown measure 'nDGC@10'; there are nDCG@10, ",
            "error: e.yaml:11: cost.price_per_hour: expected a number of at least 0, found '-1'",
            "error: e.yaml:12: unknown key 'colour'; expected one of: ",
            "error: c.jsonl:2: broken JSON: ",
            "error: c.jsonl:3: expected \"passages\": [ … ]",
            "error: c.jsonl:4: expected an integer as \"label\" of passage 'd', found 1.5",
        ];
        foreach (var line in expected) Assert.Single(lines, l => l.StartsWith(line));
        Assert.Equal(expected.Length, lines.Length);
    }

    [Fact]
    public async Task Keys_that_are_missing_and_a_dataset_that_is_not_whole()
    {
        _rlab.Write("e.yaml", "name: x", "dataset: { queries: demo/queries.tsv, corpus: demo/corpus.jsonl }");
        var error = await Refused("e.yaml");
        Assert.Contains(
            "error: e.yaml:2: dataset: expected one of: candidates; queries, corpus and run together; pairs", error);
        Assert.Matches("error: e\\.yaml:[12]: the key scorer\\.model is missing\n", error);
    }

    [Theory]
    [InlineData("scorer.max_length=0",
        "error: --set scorer.max_length=0: scorer.max_length: expected a whole number of at least 1, found '0'")]
    [InlineData("scorer.max_length=4096",
        "error: demo/model: scorer.max_length is 4096, but the model takes at most 512 tokens")]
    [InlineData("scorer.maxlength=5",
        "error: --set scorer.maxlength=5: unknown key 'scorer.maxlength'; expected one of: ")]
    [InlineData("max_length", "error: --set max_length: expected KEY=VALUE, as in scorer.max_length=256")]
    public async Task A_wrong_override(string assignment, string expected) =>
        Assert.StartsWith(expected, await Refused("demo/base.yaml", "--set", assignment));

    [Fact]
    public async Task An_unknown_measure_on_the_command_line() =>
        Assert.Equal(
            "error: unknown measure 'bogus'; there are nDCG@10, RR@10, AP@100, P@10, R@100, Success@1, " +
            "Rprec, Bpref, Judged@10, RBP(p=0.8), ERR@20, SetP, SetR, SetF, NumRet, NumRel, NumRelRet\n" +
            "error: 'P' needs a cut-off of at least 1, as in P@10\n",
            await _rlab.Fail("eval", "-m", "bogus", "-m", "P", "-m", "AP"));

    [Theory]
    [InlineData("--frobnicate", "run", "demo/base.yaml", "--frobnicate")]
    [InlineData("--frobnicate", "runs", "--frobnicate")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("Argument 'experiment.yaml' is required", "run")]
    [InlineData("Argument 'run' is required", "diff")]
    [InlineData("lab", "runs", "--lab")]
    public async Task A_wrong_command_line(string named, params string[] arguments)
    {
        var result = (await _rlab.Run(arguments)).MustExitWith(1);
        Assert.Equal("", result.Out);
        Assert.StartsWith("error: ", result.Error);
        Assert.Contains(named.TrimStart('-'), result.Error);
        Assert.DoesNotContain("Exception", result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.DoesNotContain("defect of rlab", result.Error);
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task Help_and_version_go_to_stdout()
    {
        var help = await _rlab.Succeed("--help");
        foreach (var command in new[] { "run", "eval", "diff", "runs", "show", "export" })
            Assert.Matches($"\n  {command}\\s", help.Out);
        Assert.Equal("", help.Error);
        Assert.Equal("rlab 0.1.0", (await _rlab.Succeed("--version")).Out.Trim());
    }

    [Fact]
    public async Task Verbose_shows_the_stack_trace()
    {
        var result = (await _rlab.Run("eval", "--verbose")).MustExitWith(1);
        Assert.StartsWith("error: there is no lab file lab.db\nhint: ", result.Error);
        Assert.Contains("   at RerankLab.", result.Error);
    }
}
