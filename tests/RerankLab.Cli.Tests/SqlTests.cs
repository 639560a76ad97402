using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

/// <summary>The lab file in SQL, by <c>rlab sql</c>.</summary>
public sealed class SqlTests(DemoLab demo)
{
    Task<RlabResult> Ask(string sql, params string[] options) => demo.Rlab.Succeed(["sql", sql, .. options]);

    [Fact]
    public async Task The_leaderboard_has_the_means_of_every_run()
    {
        var rows = (await Ask("SELECT run, name, model, measure, value FROM leaderboard")).Rows;
        foreach (var run in new[] { demo.Cold, demo.Warm, demo.Short })
            Assert.Equal(
                run.Json["measures"]!.AsObject().ToDictionary(m => m.Key, m => (double)m.Value!),
                rows.Where(r => r["run"] == demo.Uid(run))
                    .ToDictionary(r => r["measure"], r => double.Parse(r["value"])));
        Assert.All(rows, r => Assert.Equal("model", r["model"]));
    }

    [Fact]
    public async Task Runs_tell_what_a_runs_summary_tells()
    {
        var row = Assert.Single((await Ask($"SELECT * FROM runs WHERE run = '{demo.Uid(demo.Cold)}'")).Rows);
        Assert.Equal(("demo-base", "complete", "20", "1040", "512"),
            (row["name"], row["status"], row["depth"], row["scored"], row["max_length"]));
        Assert.Equal((string?)demo.Cold.Json["scorer"], row["scorer"]);
        Assert.Equal((string?)demo.Cold.Json["device"], row["device"]);
    }

    [Fact]
    public async Task Rankings_are_the_runs_exported_documents_with_the_same_ranks_and_logits()
    {
        foreach (var run in new[] { demo.Cold, demo.Short })
        {
            var exported = (await demo.Rlab.Succeed("export", demo.Uid(run))).Out.TrimEnd('\n').Split('\n')
                .Select(l => l.Split(' ')).Select(f => (f[0], f[2], f[3], float.Parse(f[4])));
            var rows = (await Ask(
                $"SELECT query, document, rank, logit FROM rankings WHERE run = '{demo.Uid(run)}'")).Rows
                .Select(r => (r["query"], r["document"], r["rank"], float.Parse(r["logit"])));
            Assert.Equal(exported.Order(), rows.Order());
        }
    }

    [Fact]
    public async Task Scores_stand_by_the_MD5_of_their_pair()
    {
        var row = Assert.Single((await Ask(
            $"""
            SELECT count(*) AS scores, min(length(pair)) AS shortest, count(DISTINCT session) AS sessions
            FROM scores_by_pair WHERE scorer = '{demo.Cold.Json["scorer"]}'
            """)).Rows);
        Assert.Equal(("1040", "32", "1"), (row["scores"], row["shortest"], row["sessions"]));
    }

    [Fact]
    public async Task Every_format_says_the_same()
    {
        const string sql =
            "SELECT 1 AS whole, 0.1 AS real, 'a,\"b\"' AS text, NULL AS absent, x'0AFF' AS bytes, 2 AS whole";
        Assert.Equal("whole\treal\ttext\tabsent\tbytes\twhole_2\n1\t0.1\ta,\"b\"\t\t0aff\t2\n",
            (await Ask(sql, "--format", "tsv")).Out);
        Assert.Equal("whole,real,text,absent,bytes,whole_2\r\n1,0.1,\"a,\"\"b\"\"\",,0aff,2\r\n",
            (await Ask(sql, "--format", "csv")).Out);
        Assert.Equal("""[{"whole":1,"real":0.1,"text":"a,\u0022b\u0022","absent":null,"bytes":"0aff","whole_2":2}]""",
            JsonNode.Parse((await Ask(sql, "--format", "json")).Out)!.ToJsonString());
        Assert.Contains("0aff", (await Ask(sql, "--format", "table")).Out);
        Assert.Equal("[]\n", (await Ask("SELECT 1 WHERE 0", "--format", "json")).Out);
        Assert.StartsWith("error: --format: expected table, tsv, json or csv",
            await demo.Rlab.Fail("sql", sql, "--format", "xml"));
    }

    [Theory]
    [InlineData("selec 1", "error: near \"selec\": syntax error")]
    [InlineData("SELECT * FROM absent", "error: no such table: absent")]
    [InlineData("SELECT 1; SELECT 2", "error: expected one statement, found several")]
    [InlineData("SELECT 1; garbage", "error: expected one statement, found several")]
    [InlineData(" -- nothing", "error: there is no statement")]
    [InlineData("DELETE FROM run", "rlab sql only reads the lab file")]
    [InlineData("UPDATE run SET name = 'x'", "rlab sql only reads the lab file")]
    [InlineData("CREATE TEMP TABLE t (x)", "rlab sql only reads the lab file")]
    [InlineData("ATTACH 'other.db' AS other", "rlab sql only reads the lab file")]
    [InlineData("VACUUM INTO 'other.db'", "rlab sql only reads the lab file")]
    [InlineData("PRAGMA query_only = OFF", "rlab sql only reads the lab file")]
    [InlineData("PRAGMA user_version = 9", "rlab sql only reads the lab file")]
    [InlineData("PRAGMA journal_mode = WAL", "rlab sql only reads the lab file")]
    [InlineData("BEGIN IMMEDIATE", "rlab sql only reads the lab file")]
    [InlineData("SELECT load_extension('x')", "load_extension")]
    [InlineData("SELECT writefile('other.db', 'x')", "no such function: writefile")]
    [InlineData("SELECT readfile('/etc/hosts')", "no such function: readfile")]
    public async Task What_is_no_query_of_this_file_is_refused_with_SQLites_words_and_changes_nothing(
        string sql, string message)
    {
        var before = File.ReadAllBytes(demo.Rlab.LabFile);
        Assert.Contains(message, await demo.Rlab.Fail("sql", sql));
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(demo.Rlab.LabFile)), "the lab file changed");
        Assert.False(File.Exists(demo.Rlab["other.db"]));
    }

    [Theory]
    [InlineData("SELECT 1 AS x; -- the end", "x\n1\n")]
    [InlineData("WITH t (x) AS (VALUES (1), (2)) SELECT sum(x) AS x FROM t;", "x\n3\n")]
    [InlineData("PRAGMA user_version", "user_version\n4\n")]
    public async Task Whatever_reads_is_answered(string sql, string answer) =>
        Assert.Equal(answer, (await Ask(sql)).Out);

    [Fact]
    public async Task A_file_that_is_not_there_is_not_made()
    {
        using var rlab = new Rlab();
        Assert.StartsWith("error: there is no lab file lab.db", await rlab.Fail("sql", "SELECT 1"));
        Assert.Empty(rlab.LabFiles);
    }
}
