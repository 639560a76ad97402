using System.IO.Compression;
using System.Text.Json;

namespace RerankLab.Cli.Tests;

/// <summary>One content in the three forms that a dataset can have.</summary>
public sealed class DatasetFormTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task The_three_forms_give_one_ranking_from_one_set_of_scores()
    {
        WriteForms();
        var exports = new List<string>();
        var measures = new List<string>();
        foreach (var dataset in new[]
                 {
                     "{ queries: demo/queries.tsv, corpus: demo/corpus.jsonl, run: demo/first-stage.trec, " +
                     "qrels: demo/qrels.txt }",
                     "{ candidates: c.jsonl, qrels: demo/qrels.txt }",
                     "{ pairs: pairs.tsv, run: demo/first-stage.trec, qrels: demo/qrels.txt }",
                     "{ pairs: pairs.tsv, qrels: demo/qrels.txt }",
                 })
        {
            _rlab.Write("e.yaml", "name: demo-base", $"dataset: {dataset}",
                "scorer: { model: demo/model, max_length: 512 }",
                "measures: [nDCG@10, RR@10, R@10, AP]");
            var run = await _rlab.Succeed("run", "e.yaml", "--format", "json");
            Assert.Equal(exports.Count == 0 ? 1040 : 0, (int?)run.Json["scored"]);
            measures.Add(run.Json["measures"]!.ToJsonString());
            exports.Add(string.Join('\n', (await _rlab.Succeed("export")).Out.Split('\n')
                .Order(StringComparer.Ordinal)));
        }
        Assert.Equal(string.Join('\n', demo.ColdExport.Split('\n').Order(StringComparer.Ordinal)), exports[0]);
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), measures[0]);
        Assert.Single(exports.Distinct());
        Assert.Single(measures.Distinct());
    }

    [Fact]
    public async Task Labels_can_stand_inside_the_candidates()
    {
        _rlab.Write("c.jsonl",
            """{"id": "q1", "query": "first aid for a burn", "passages": [""" +
            """{"id": "a", "text": "stamps", "label": 0}, {"id": "b", "text": "first aid for a burn", "label": 1}]}""",
            """{"id": "q2", "query": "sleep at night", "passages": [""" +
            """{"id": "a", "text": "sleep at night", "label": 0}, """ +
            """{"id": "b", "text": "stamps", "label": 2}, {"id": "c", "text": "sleep"}]}""");
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: demo/model }",
            "measures: [RR, P@1]");
        var run = await _rlab.Succeed("run", "e.yaml", "--format", "json");
        Assert.Equal(0.5 * (1 + 1.0 / 3), (double)run.Json["measures"]!["RR"]!, 1e-12);
        Assert.Equal(0.5, (double)run.Json["measures"]!["P@1"]!);
        Assert.Equal(0.5 * (0.5 + 0.5), (double)run.Json["first_stage"]!["RR"]!, 1e-12);
        var values = (await _rlab.Succeed("eval", "--by-query", "-m", "RR"))
            .Rows.ToDictionary(r => r["query"], r => double.Parse(r["value"]));
        Assert.Equal((1, 1.0 / 3), (values["q1"], values["q2"]));
    }

    [Fact]
    public async Task Gzip_is_read_like_plain_text_whatever_its_name()
    {
        foreach (var name in new[] { "queries.tsv", "corpus.jsonl", "first-stage.trec", "qrels.txt" })
        {
            var plain = await File.ReadAllBytesAsync(_rlab["demo/" + name], TestContext.Current.CancellationToken);
            using var packed = new GZipStream(File.Create(_rlab["demo/" + name]), CompressionLevel.Fastest);
            packed.Write(plain);
        }
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var run = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.Equal((1040, demo.Cold.Json["measures"]!.ToJsonString()),
            ((int)run.Json["hits"]!, run.Json["measures"]!.ToJsonString()));
    }

    [Fact]
    public async Task A_byte_order_mark_and_windows_line_ends_change_nothing()
    {
        foreach (var name in new[] { "queries.tsv", "corpus.jsonl", "first-stage.trec", "qrels.txt", "base.yaml" })
            File.WriteAllText(_rlab["demo/" + name], "\uFEFF" + File.ReadAllText(_rlab["demo/" + name])
                .Replace("\n", "\r\n"));
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var run = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.Equal((1040, demo.Cold.Json["measures"]!.ToJsonString()),
            ((int)run.Json["hits"]!, run.Json["measures"]!.ToJsonString()));
    }

    [Fact]
    public async Task What_is_odd_but_allowed_is_counted_and_told()
    {
        _rlab.Write("c.jsonl",
            """{"id": "q1", "lang": "en", "query": "burn", "passages": [""" +
            """{"id": "a", "text": "burn"}, {"id": "b", "text": ""}, {"id": "c", "text": "burn"}]}""",
            """{"id": "q2", "query": "sleep", "passages": []}""");
        _rlab.Write("qrels.txt", "q1 0 c 1", "q9 0 a 1");
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl, qrels: qrels.txt }", "scorer: { model: demo/model }",
            "measures: [RR]");
        var run = await _rlab.Succeed("run", "e.yaml", "--format", "json");
        Assert.Contains("note: c.jsonl: keys that mean nothing to rlab: lang (1 times)", run.Error);
        Assert.Contains("note: queries without candidates, left out: 1", run.Error);
        Assert.Contains("note: empty query or passage texts: 1", run.Error);
        Assert.Contains("pairs with the same texts as another pair, scored once: 1", run.Error);
        Assert.Equal((1, 3, 2, 2), ((int)run.Json["queries"]!, (int)run.Json["pairs"]!, (int)run.Json["unique_pairs"]!,
            (int)run.Json["scored"]!));
        Assert.Equal((2, 1),
            ((int)run.Json["coverage"]!["judged_queries"]!, (int)run.Json["coverage"]!["queries_without_results"]!));
        // Two passages of one text tie; the greater id comes first. The query without candidates counts 0.
        Assert.Equal(["c", "a"], (await _rlab.Succeed("export")).Out.Split('\n').Take(2).Select(l => l.Split(' ')[2]));
        Assert.Equal(0.5, (double)run.Json["measures"]!["RR"]!);
    }

    /// <summary>The demo as candidates in JSON lines and as MS MARCO pairs in another order.</summary>
    void WriteForms()
    {
        var queries = File.ReadAllLines(_rlab["demo/queries.tsv"]).Select(l => l.Split('\t'))
            .ToDictionary(f => f[0], f => f[1]);
        var corpus = File.ReadAllLines(_rlab["demo/corpus.jsonl"]).Select(l => JsonDocument.Parse(l).RootElement)
            .ToDictionary(d => d.GetProperty("_id").GetString()!, d =>
                $"{d.GetProperty("title")} {d.GetProperty("text")}".Trim());
        var run = File.ReadAllLines(_rlab["demo/first-stage.trec"]).Select(l => l.Split(' ')).ToList();
        _rlab.Write("c.jsonl", [.. run.GroupBy(l => l[0]).Select(q => JsonSerializer.Serialize(new
        {
            id = q.Key,
            query = queries[q.Key],
            passages = q.Select(l => new { id = l[2], text = corpus[l[2]], score = int.Parse(l[4]) }),
        }))]);
        _rlab.Write("pairs.tsv", [.. run.OrderBy(l => l[2], StringComparer.Ordinal)
            .Select(l => $"{l[0]}\t{l[2]}\t{queries[l[0]]}\t{corpus[l[2]]}")]);
    }
}
