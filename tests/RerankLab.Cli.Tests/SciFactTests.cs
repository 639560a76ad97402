using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

/// <summary>Real claims and abstracts, scored by a real trained cross-encoder.</summary>
public sealed class SciFactTests : IDisposable
{
    const int Queries = 15, Depth = 2;

    readonly Rlab _rlab = new();
    readonly string _model = Repository.Shared("models", "minilm-scifact-cross-encoder");

    public SciFactTests()
    {
        var data = Repository.Shared("data", "scifact");
        var queries = File.ReadLines(Path.Combine(data, "queries.test.tsv")).Take(Queries).ToArray();
        var ids = queries.Select(q => q.Split('\t')[0]).ToHashSet();
        var run = File.ReadLines(Path.Combine(data, "run.bi-encoder.top100.trec"))
            .Where(l => ids.Contains(l.Split(' ')[0]));
        var qrels = File.ReadLines(Path.Combine(data, "qrels.test.txt")).Where(l => ids.Contains(l.Split(' ')[0]));
        _rlab.Write("queries.tsv", queries);
        _rlab.Write("run.trec", [.. run]);
        _rlab.Write("qrels.txt", [.. qrels]);
        _rlab.Write("e.yaml",
            "name: scifact",
            $"dataset: {{ queries: queries.tsv, corpus: {Path.Combine(data, "corpus.jsonl")}, run: run.trec, " +
            $"qrels: qrels.txt, depth: {Depth} }}",
            $"scorer: {{ model: {_model}, max_length: 256 }}",
            "measures: [nDCG@10, RR]");
    }

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task Logits_equal_the_reference_and_fp16_is_another_scorer()
    {
        var run = await _rlab.Succeed("run", "e.yaml", "--format", "json");
        Assert.Equal((Queries, Queries * Depth, "complete"),
            ((int)run.Json["queries"]!, (int)run.Json["scored"]!, (string?)run.Json["status"]));
        var logits = await Logits();
        var reference = File.ReadLines(Path.Combine(_model, "reference_logits.first1000.tsv")).Skip(1)
            .Select(l => l.Split('\t'))
            .ToDictionary(f => (f[0], f[1]), f => double.Parse(f[2], CultureInfo.InvariantCulture));
        Assert.Equal(Queries * Depth, logits.Count);
        Assert.All(logits, l => Assert.Equal(reference[l.Key], l.Value, 1e-4));
        Assert.True(logits.Values.Max() - logits.Values.Min() > 1);

        var half = await _rlab.Succeed("run", "e.yaml", "--set", "scorer.precision=fp16", "--set", "name=half",
            "--format", "json");
        Assert.Equal((0, Queries * Depth), ((int)half.Json["hits"]!, (int)half.Json["scored"]!));
        Assert.Contains("which are not shared: it differs in graph", half.Error);
        var facts = (await _rlab.Succeed("show")).Facts;
        Assert.Equal("fp16", facts["scorer.precision"]);
        await using (var graph = File.OpenRead(Path.Combine(_model, "onnx", "model_fp16.onnx")))
            Assert.Equal(Convert.ToHexStringLower(await SHA256.HashDataAsync(graph,
                TestContext.Current.CancellationToken)), facts["scorer.graph"]);
        var halfLogits = await Logits();
        Assert.All(halfLogits, l => Assert.Equal(reference[l.Key], l.Value, 0.1));
        Assert.Contains(halfLogits, l => l.Value != logits[l.Key]);

        var setup = (await _rlab.Succeed("diff", "scifact", "half", "--format", "json"))
            .Json["runs"]![0]!["setup"]!.AsArray();
        Assert.Equal(["scorer.graph", "scorer.precision"], setup.Select(s => (string?)s!["key"]).Order());
    }

    /// <summary>The latest run's logits by query and document.</summary>
    async Task<Dictionary<(string, string), double>> Logits() =>
        (await _rlab.Succeed("export", "--format", "jsonl")).Out.TrimEnd('\n').Split('\n')
            .Select(l => JsonNode.Parse(l)!)
        .SelectMany(q => q["ranked"]!.AsArray()
            .Select(d => (Key: ((string)q["query_id"]!, (string)d!["id"]!), Logit: (double)d["logit"]!)))
        .ToDictionary(l => l.Key, l => l.Logit);
}
