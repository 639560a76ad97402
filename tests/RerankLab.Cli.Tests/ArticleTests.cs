using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RerankLab.Cli.Tests;

/// <summary>
/// The competition workflow that rlab is for: a JSONL file of candidates in, a submission out, scores kept by
/// MD5.
/// </summary>
public sealed class ArticleTests : IAsyncLifetime
{
    const string Query = "如何预防感冒";

    static readonly (string Id, string Text)[] Passages =
    [
        ("p3", "每天跑一会儿步，心肺会更有力"),
        ("p1", "预防感冒，先要常洗手，还要多喝温水"),
        ("p2", "水果里的维生素C对预防生病有帮助"),
    ];

    readonly Rlab _rlab = new Rlab().WithDemo();

    public async ValueTask InitializeAsync()
    {
        var passages = Passages.Select(p => $$"""{"text": "{{p.Text}}", "id": "{{p.Id}}"}""");
        _rlab.Write("dev.jsonl", $$"""{"query": "{{Query}}", "passages": [{{string.Join(", ", passages)}}]}""");
        _rlab.Write("contest.yaml", "name: contest", "dataset:", "  candidates: dev.jsonl", "scorer:",
            "  model: demo/model", "  max_length: 512");
        await _rlab.Succeed("run", "contest.yaml");
    }

    public ValueTask DisposeAsync()
    {
        _rlab.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_submission_ranks_the_passages_by_falling_scores_between_0_and_1()
    {
        await _rlab.Succeed("export", "contest", "--format", "submission", "-o", "submission.json");
        var text = File.ReadAllText(_rlab["submission.json"]);
        Assert.Contains(Query, text);
        Assert.DoesNotContain("\\u", text);
        var query = Assert.Single(System.Text.Json.Nodes.JsonNode.Parse(text)!.AsArray())!;
        Assert.Equal(["query", "ranked_passages"], query.AsObject().Select(p => p.Key));
        Assert.Equal(Query, (string?)query["query"]);
        var ranked = query["ranked_passages"]!.AsArray();
        Assert.Equal(["p1", "p2", "p3"], ranked.Select(p => (string?)p!["id"]));
        Assert.All(ranked, p => Assert.Equal(["id", "score"], p!.AsObject().Select(f => f.Key)));
        var scores = ranked.Select(p => (double)p!["score"]!).ToList();
        Assert.All(scores, s => Assert.InRange(s, 0, 1));
        Assert.All(scores.Zip(scores.Skip(1)), s => Assert.True(s.First > s.Second));
    }

    [Fact]
    public void Scores_are_kept_under_the_MD5_of_query_and_passage()
    {
        var expected = Passages.Select(p =>
            Convert.ToHexString(MD5.HashData(Encoding.UTF8.GetBytes($"{Query}_{p.Text}"))));
        Assert.Equal(expected.Order(), _rlab.Query<string>("SELECT hex(pair) FROM score").Order());
        Assert.Equal([BinaryPrimitives.ReadInt64BigEndian(MD5.HashData(Encoding.UTF8.GetBytes(Query)))],
            _rlab.Query<long>("SELECT DISTINCT query FROM score"));
    }

    [Fact]
    public async Task A_query_without_an_id_goes_by_its_MD5_and_a_run_without_labels_has_no_measures()
    {
        var id = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Query)))[..12];
        Assert.All((await _rlab.Succeed("export")).Out.TrimEnd('\n').Split('\n'), l =>
            Assert.StartsWith($"{id} Q0 p", l));

        var again = await _rlab.Succeed("run", "contest.yaml", "--format", "json");
        Assert.Empty(again.Json["measures"]!.AsObject());
        Assert.Equal((3, "complete"), ((int)again.Json["hits"]!, (string?)again.Json["status"]));
        Assert.Equal("error: run 'contest' has no qrels\nhint: name some with --qrels FILE\n",
            await _rlab.Fail("eval"));

        _rlab.Write("qrels.txt", $"{id} 0 p1 1");
        Assert.Equal("1", (await _rlab.Succeed("eval", "--qrels", "qrels.txt", "-m", "RR")).Rows.Single()["value"]);
    }
}
