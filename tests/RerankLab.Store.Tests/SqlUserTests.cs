using System.Diagnostics;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;

namespace RerankLab.Store.Tests;

/// <summary>The tables as users of plain SQL read them.</summary>
public class SqlUserTests
{
    [Fact]
    public void Candidates_of_a_query_are_read_with_json_each()
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);

        Assert.Equal(
            [("q1", 0, "d'1"), ("q1", 1, "文档"), ("q1", 2, "d\"3"), ("q2", 0, "d'1")],
            Labs.Rows<(string, int, string)>(folder["lab.db"],
                "SELECT qid, key, value FROM candidate_query, json_each(documents) ORDER BY ordinal, key"));
    }

    [Fact]
    public void Labels_are_read_with_json_each()
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);

        Assert.Equal([("q1", "文档", 2), ("q1", "d'1", 0)],
            Labs.Rows<(string, string, int)>(folder["lab.db"], "SELECT qid, key, value FROM qrels_query, json_each(labels)"));
    }

    [Fact]
    public void A_candidates_score_is_found_by_slicing_the_packed_pair_keys()
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);

        Assert.Equal([("q1", "d'1", 0.5), ("q1", "d\"3", -2.25), ("q2", "d'1", 4)],
            Labs.Rows<(string, string, double)>(folder["lab.db"],
                """
                SELECT qid, d.value, score.logit
                FROM run JOIN candidate_query c ON c.candidates = run.candidates, json_each(c.documents) d
                JOIN score ON score.scorer = run.scorer AND score.query = c.query AND score.pair = substr(c.pairs, 16 * d.key + 1, 16)
                ORDER BY c.ordinal, d.key
                """));
    }

    [Fact]
    public void Lists_are_packed_as_the_schema_says()
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);

        var row = Labs.Rows<(string Scores, string Pairs, string Logits)>(folder["lab.db"],
            """
            SELECT hex(scores), hex(pairs), hex(data)
            FROM candidate_query c JOIN run_query r ON r.ordinal = c.ordinal JOIN logits ON logits.id = r.logits ORDER BY c.ordinal
            """)[0];

        Assert.Equal("0000000000000840" + "0000000000000040" + "000000000000F03F", row.Scores);
        Assert.Equal(string.Concat(Enumerable.Range(1, 3).Select(i => i.ToString("X32"))), row.Pairs);
        Assert.Equal("0000003F" + "0000C0FF" + "000010C0", row.Logits);
    }

    [Theory]
    [InlineData("SELECT json_extract(setup, '$.ranking.activation') FROM run", "none")]
    [InlineData("SELECT value FROM run, json_each(tags)", "dev")]
    [InlineData("SELECT value FROM run, json_each(overrides)", "a=1")]
    [InlineData("SELECT seconds ->> '$.score' FROM run", "1.5")]
    [InlineData("SELECT environment ->> '$.os' FROM run", "Linux")]
    [InlineData("SELECT versions ->> '$.cuda' FROM session", "12.4")]
    [InlineData("SELECT host ->> '$.rlab' IS NOT NULL FROM session", "1")]
    [InlineData("SELECT spec ->> '$.max_length' FROM scorer", "512")]
    [InlineData("SELECT name || ' ' || precision FROM scorer_name", "gte fp16")]
    [InlineData("SELECT status FROM run", "partial")]
    [InlineData("SELECT date(started) FROM run", "2024-05-31")]
    [InlineData("SELECT round(value, 4) FROM measure WHERE query IS NULL AND name = 'RR@10'", "0.0")]
    public void A_question_is_answered_by_plain_SQL(string sql, string answer)
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);

        Assert.Equal(answer, Labs.Value<string>(folder["lab.db"], $"SELECT CAST(({sql}) AS TEXT)"));
    }

    [Fact]
    public void The_view_of_rankings_unpacks_every_float_exactly_and_leaves_out_what_is_not_scored_or_below_the_depth()
    {
        var random = new Random(1);
        float[] logits = [float.NaN, float.Epsilon, -float.Epsilon, 0, float.MaxValue, -float.MaxValue, 1, -2.5f,
            1.1754944E-38f, .. Enumerable.Range(0, 300).Select(_ => Some.Logit(random)), 7];
        using var folder = new TemporaryFolder();
        using (var lab = LabFile.OpenForWriting(folder["lab.db"]))
        {
            Make(lab, depth: logits.Length - 1, new RunData(
                [new CandidateQuery("q", [.. logits.Select((_, i) => $"d{i}")], null)],
                [new QueryKeys(1, [.. logits.Select((_, i) => Some.Pair(i))])], [logits], null));
        }

        var rows = Labs.Rows<(string Document, long Rank, double Logit)>(folder["lab.db"],
            "SELECT document, rank, logit FROM rankings ORDER BY rank");

        Assert.Equal(logits[1..^1].Select((l, i) => (Logit: l, Document: $"d{i + 1}")).OrderByDescending(d => d.Logit)
            .Select((d, i) => (d.Document, i + 1L, (double)d.Logit)), rows);
    }

    [Fact]
    public void In_the_view_of_rankings_ties_are_broken_by_document_id_and_an_imported_run_keeps_its_order()
    {
        using var folder = new TemporaryFolder();
        using (var lab = LabFile.OpenForWriting(folder["lab.db"]))
        {
            Make(lab, depth: 9, new RunData([new CandidateQuery("q", ["a", "é", "Z", "b"], null)],
                [new QueryKeys(1, [.. Enumerable.Range(0, 4).Select(Some.Pair)])], [[1, 1, 1, 2]], null));
            Make(lab, depth: 9, new RunData(
                [new CandidateQuery("q", ["z", "a", "m"], [3, 2, 1])], keys: null, logits: null, null), number: 2);
        }

        const string sql = "SELECT document, logit FROM rankings WHERE run LIKE ";
        Assert.Equal([("b", 2), ("é", 1), ("a", 1), ("Z", 1)],
            Labs.Rows<(string, double?)>(folder["lab.db"], sql + "'%1' ORDER BY rank"));
        Assert.Equal([("z", null), ("a", null), ("m", null)],
            Labs.Rows<(string, double?)>(folder["lab.db"], sql + "'%2' ORDER BY rank"));
    }

    [Fact]
    public async Task The_sqlite3_command_reads_the_file()
    {
        using var folder = new TemporaryFolder();
        Make(folder["lab.db"]);
        const string sql = "SELECT qid, value FROM candidate_query, json_each(documents) ORDER BY ordinal, key";
        Process sqlite;
        try
        {
            sqlite = Process.Start(new ProcessStartInfo("sqlite3", ["-readonly", folder["lab.db"], sql]) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no sqlite3 command here");
            throw;
        }
        using (sqlite)
        {
            var output = await sqlite.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await sqlite.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, sqlite.ExitCode);
            Assert.Equal(["q1|d'1", "q1|文档", "q1|d\"3", "q2|d'1"], output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'));
        }
    }

    /// <summary>A run of two queries; the second candidate of the first has no score.</summary>
    static void Make(string path)
    {
        using var lab = LabFile.OpenForWriting(path);
        RunRecord record;
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
        {
            writer.Add(-9, Some.Pair(1), 0.5f, 10);
            writer.Add(-9, Some.Pair(3), -2.25f, 30);
            writer.Add(4, Some.Pair(4), 4, 40);
            record = Record(1, depth: 1, writer.SessionUid);
        }
        var qrels = new Qrels();
        qrels.Add("q1", "文档", 2);
        qrels.Add("q1", "d'1", 0);
        var data = new RunData(
            [new CandidateQuery("q1", ["d'1", "文档", "d\"3"], [3, 2, 1]), new CandidateQuery("q2", ["d'1"], null)],
            [new QueryKeys(-9, [Some.Pair(1), Some.Pair(2), Some.Pair(3)]), new QueryKeys(4, [Some.Pair(4)])],
            [[0.5f, float.NaN, -2.25f], [4]], qrels);
        new RunStore(lab).Save(record, Some.Scorer(), data, Evaluation.Of(data.Rankings(1), qrels, [new ReciprocalRank(10, 1)]));
    }

    static RunRecord Record(int number, int depth, string? session) => new()
    {
        Uid = $"018f0000-0000-7000-8000-{number:x12}",
        Name = "gte",
        Started = new DateTimeOffset(2024, 5, 31, 1, 2, 3, TimeSpan.Zero),
        Status = RunStatus.Partial,
        Depth = depth,
        ExperimentText = "name: gte\n",
        Overrides = ["a=1"],
        ExperimentPath = "gte.yaml",
        Setup = """{"ranking":{"activation":"none"}}""",
        ScorerFingerprint = Some.Scorer().Fingerprint,
        SessionUid = session,
        Device = Some.Backend.Device,
        Counts = new RunCounts(2, 4, 4, 0, 4, 3, 0, 80, 90),
        Seconds = [KeyValuePair.Create("score", 1.5)],
        Cost = null,
        Currency = null,
        Provenance = new Provenance(new Dictionary<string, string> { ["os"] = "Linux" }, null, null),
        Tags = ["dev"],
        Measures = [],
    };

    /// <summary>Records a run of these data.</summary>
    static void Make(LabFile lab, int depth, RunData data, int number = 1) =>
        new RunStore(lab).Save(Record(number, depth, session: null), Some.Scorer(), data, null);
}
