using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

public sealed class ExportTests(DemoLab demo)
{
    [Fact]
    public async Task Trec_is_the_default_and_its_lines_stand_in_the_order_of_trec_eval()
    {
        var result = await demo.Rlab.Succeed("export", "demo-base");
        Assert.Equal((demo.WarmExport, ""), (result.Out, result.Error));
        var lines = result.Out.TrimEnd('\n').Split('\n').Select(l => l.Split(' ')).ToList();
        Assert.All(lines, l => Assert.Equal(("Q0", "demo-base", 6), (l[1], l[5], l.Length)));
        foreach (var query in lines.GroupBy(l => l[0]))
        {
            Assert.Equal(Enumerable.Range(1, 20), query.Select(l => int.Parse(l[3])));
            var ordered = query.OrderByDescending(l => float.Parse(l[4], CultureInfo.InvariantCulture))
                .ThenByDescending(l => l[2], StringComparer.Ordinal);
            Assert.Equal(ordered.Select(l => l[2]), query.Select(l => l[2]));
        }
        Assert.Equal(52, lines.DistinctBy(l => l[0]).Count());
    }

    [Fact]
    public async Task Logits_in_a_trec_run_give_the_stored_float_back()
    {
        var exported = (await demo.Rlab.Succeed("export", "demo-base")).Out.TrimEnd('\n').Split('\n')
            .Select(l => float.Parse(l.Split(' ')[4], CultureInfo.InvariantCulture)).Order();
        var stored = demo.Rlab.Query<double>(
            "SELECT logit FROM score JOIN scorer ON scorer.id = scorer WHERE fingerprint = " +
                $"'{demo.Cold.Json["scorer"]}'");
        Assert.Equal(stored.Select(l => (float)l).Order(), exported);
    }

    [Fact]
    public async Task Submission_holds_texts_and_activated_scores_best_first()
    {
        var json = (await demo.Rlab.Succeed("export", "demo-base", "--format", "submission")).Json.AsArray();
        var texts = File.ReadAllLines(Path.Combine(Repository.Demo, "queries.tsv")).Select(l => l.Split('\t')).ToList();
        Assert.Equal(texts.Select(t => t[1]), json.Select(q => (string)q!["query"]!));
        var trec = demo.WarmExport.TrimEnd('\n').Split('\n').Select(l => l.Split(' ')).GroupBy(l => l[0])
            .ToDictionary(g => g.Key);
        foreach (var (query, id) in json.Zip(texts.Select(t => t[0])))
        {
            Assert.Equal(["query", "ranked_passages"], query!.AsObject().Select(p => p.Key));
            var passages = query["ranked_passages"]!.AsArray();
            Assert.Equal(trec[id].Select(l => l[2]), passages.Select(p => (string)p!["id"]!));
            foreach (var (passage, line) in passages.Zip(trec[id]))
            {
                Assert.Equal(["id", "score"], passage!.AsObject().Select(p => p.Key));
                Assert.Equal(1 / (1 + Math.Exp(-double.Parse(line[4], CultureInfo.InvariantCulture))),
                    (double)passage["score"]!, 1e-6);
            }
        }
    }

    [Fact]
    public async Task Jsonl_and_csv_rank_as_trec_does()
    {
        var trec = demo.WarmExport.TrimEnd('\n').Split('\n').Select(l => l.Split(' '))
            .Select(l => $"{l[0]} {l[2]} {l[3]} {l[4]}").ToList();

        var jsonl = (await demo.Rlab.Succeed("export", "demo-base", "--format", "jsonl")).Out;
        Assert.Equal(trec, jsonl.TrimEnd('\n').Split('\n').Select(l => JsonNode.Parse(l)!)
            .SelectMany(q => q["ranked"]!.AsArray()
            .Select(d => $"{q["query_id"]} {d!["id"]} {d["rank"]} {d["logit"]!.ToJsonString()}")));

        var csv = (await demo.Rlab.Succeed("export", "demo-base", "--format", "csv")).Out;
        Assert.StartsWith("query,document,rank,score,logit\r\n", csv);
        Assert.Equal(trec, csv.TrimEnd().Split("\r\n").Skip(1).Select(l => l.Split(','))
            .Select(f => $"{f[0]} {f[1]} {f[2]} {f[4]}"));
    }

    [Theory]
    [InlineData("trec")]
    [InlineData("submission")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public async Task A_file_gets_the_same_bytes_as_stdout(string format)
    {
        using var rlab = new Rlab().WithDemo();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var before = File.ReadAllBytes(rlab.LabFile);
        var printed = await rlab.Succeed("export", "demo-base", "--format", format);
        rlab.Write("out.txt", "what was there before");
        var written = await rlab.Succeed("export", "demo-base", "--format", format, "-o", "out.txt");
        Assert.Equal("", written.Out);
        Assert.Equal("note: wrote 52 queries to out.txt\n", written.Error);
        Assert.Equal(printed.Out, File.ReadAllText(rlab["out.txt"]));
        Assert.NotEmpty(printed.Out);
        Assert.NotEqual(0xEF, File.ReadAllBytes(rlab["out.txt"])[0]);
        Assert.Equal(["demo", "lab.db", "out.txt"], Directory.GetFileSystemEntries(rlab.WorkFolder)
            .Select(f => Path.GetFileName(f)).Order());
        Assert.Equal(before, File.ReadAllBytes(rlab.LabFile));
    }

    [Fact]
    public async Task Submission_refuses_texts_that_were_not_the_runs_and_takes_them_from_a_named_experiment()
    {
        using var rlab = new Rlab().WithDemo();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        Directory.Move(rlab["demo"], rlab["elsewhere"]);
        var gone = await rlab.Fail("export", "demo-base", "--format", "submission", "-o", "out.json");
        Assert.Contains("error: demo/base.yaml: file not found", gone);
        Assert.Contains("--experiment FILE", gone);
        Assert.False(File.Exists(rlab["out.json"]));

        var named = await rlab.Succeed("export", "demo-base", "--format", "submission", "--experiment",
            "elsewhere/base.yaml");
        Assert.Equal(52, named.Json.AsArray().Count);

        var queries = File.ReadAllLines(rlab["elsewhere/queries.tsv"]);
        rlab.Write("elsewhere/queries.tsv",
            [.. queries.Select(q => q.StartsWith("en02\t") ? "en02\tsomething else" : q)]);
        Assert.StartsWith("error: elsewhere/base.yaml has another text, or none, for query 'en02' of run 'demo-base'",
            await rlab.Fail("export", "demo-base", "--format", "submission", "--experiment", "elsewhere/base.yaml"));
        Assert.Equal(demo.WarmExport, (await rlab.Succeed("export", "demo-base")).Out);
    }

    [Fact]
    public async Task Without_activation_a_submission_holds_the_logits()
    {
        using var rlab = new Rlab().WithDemo();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        await rlab.Succeed("run", "demo/base.yaml", "--set", "ranking.activation=none");
        var scores = (await rlab.Succeed("export", "--format", "submission")).Json.AsArray()
            .SelectMany(q => q!["ranked_passages"]!.AsArray()).Select(p => (float)p!["score"]!);
        var logits = demo.WarmExport.TrimEnd('\n').Split('\n')
            .Select(l => float.Parse(l.Split(' ')[4], CultureInfo.InvariantCulture));
        Assert.Equal(logits, scores);
    }

    [Fact]
    public async Task An_unknown_format_is_refused_with_those_that_there_are() =>
        Assert.Equal("error: --format: expected trec, submission, jsonl, csv, found 'xml'\n",
            await demo.Rlab.Fail("export", "--format", "xml"));

    [Fact]
    public async Task An_id_with_white_space_cannot_go_to_trec_but_to_csv()
    {
        using var rlab = new Rlab().WithDemo();
        var passages = new[] { new { id = "a b", text = "a cold" }, new { id = "c,\"d\"", text = "warm" } };
        rlab.Write("c.jsonl", JsonSerializer.Serialize(new { query = "cold", passages }));
        rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: demo/model }");
        await rlab.Succeed("run", "e.yaml");
        const string expected = "error: the id 'a b' holds white space, which TREC's format cannot carry";
        Assert.StartsWith(expected, await rlab.Fail("export"));
        Assert.StartsWith(expected, await rlab.Fail("export", "-o", "out.trec"));
        Assert.False(File.Exists(rlab["out.trec"]));
        var csv = (await rlab.Succeed("export", "--format", "csv")).Out;
        Assert.Contains(",a b,1,", csv);
        Assert.Contains(",\"c,\"\"d\"\"\",2,", csv);
    }
}
