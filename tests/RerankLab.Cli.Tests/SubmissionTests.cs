using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary><c>rlab submission</c>: what competitions' boards said of runs.</summary>
public sealed class SubmissionTests : IDisposable
{
    readonly DemoLab _demo;
    readonly Rlab _rlab = new();

    public SubmissionTests(DemoLab demo)
    {
        _demo = demo;
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
    }

    public void Dispose() => _rlab.Dispose();

    string Base => _demo.Uid(_demo.Warm);

    string Short => _demo.Uid(_demo.Short);

    Task<RlabResult> Add(params string[] arguments) => _rlab.Succeed(["submission", "add", .. arguments]);

    Task<RlabResult> List(params string[] arguments) => _rlab.Succeed(["submission", "list", .. arguments]);

    [Fact]
    public async Task A_competition_from_handing_in_to_the_private_board_is_listed_beside_the_local_measures()
    {
        var handedIn = await Add(
            "demo-base", "--board", "Kaggle", "--at", "2026-01-31T20:00+08:00", "--note", "first try");
        Assert.Equal(("", $"note: recorded: 'demo-base' ({Base}) at Kaggle, handed in 2026-01-31 12:00 UTC, " +
            "public score unknown, private score unknown, note: first try\n"), (handedIn.Out, handedIn.Error));
        await Add(Base[..35], "--board", "Kaggle", "--public", "0.93125");
        await Add("@1", "--board", "Kaggle", "--public", "0.8", "--at", "2026-02-01");
        var closed = await Add("demo-base", "--board", "Kaggle", "--private", "0.9125");
        Assert.Equal($"note: recorded: 'demo-base' ({Base}) at Kaggle, handed in 2026-01-31 12:00 UTC, " +
            "public score 0.93125, private score 0.9125, note: first try\n", closed.Error);

        var list = await List();

        Assert.Equal("", list.Error);
        Assert.Equal(
            ["run", "name", "board", "at", "nDCG@10", "RR@10", "R@10", "AP", "public_score", "private_score", "note"],
            list.Table[0]);
        Assert.Equal(
            [(Short, "demo-short", "2026-02-01T00:00:00Z", "0.8", "", ""),
                (Base, "demo-base", "2026-01-31T12:00:00Z", "0.93125", "0.9125", "first try")],
            list.Rows.Select(r => (r["run"], r["name"], r["at"], r["public_score"], r["private_score"], r["note"])));
        Assert.Equal(_demo.Warm.Json["measures"]!.AsObject().Select(m => (double)m.Value!),
            list.Rows[1].Skip(4).Take(4).Select(c => double.Parse(c.Value)));
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        Assert.Equal(list.Rows.Select(r => (r["run"], r["board"], r["public_score"])),
            (await _rlab.Succeed("sql", "SELECT * FROM submissions ORDER BY at DESC")).Rows
                .Select(r => (r["run"], r["board"], r["public_score"])));
    }

    [Fact]
    public async Task Every_format_has_the_scores_with_all_their_digits()
    {
        await Add(
            "demo-base", "--board", "Kaggle", "--public", "0.93125", "--at", "2026-01-31 14:05:09", "--note", "a|b");

        var json = (await List("--format", "json")).Json[0]!;
        Assert.Equal((Base, 0.93125, "2026-01-31T14:05:09Z"),
            ((string?)json["run"], (double)json["public_score"]!, (string?)json["at"]));
        Assert.Null(json["private_score"]);
        Assert.Equal((double)_demo.Warm.Json["measures"]!["AP"]!, (double)json["AP"]!);
        foreach (var format in new[] { "table", "md", "latex" })
        {
            var text = (await List("--format", format)).Out;
            Assert.Contains("0.93125", text);
            Assert.Contains("2026-01-31 14:05", text);
            Assert.Contains("0.9065", text);
        }
        Assert.Contains(@"| a\|b |", (await List("--format", "md")).Out);
        Assert.StartsWith("error: --format: expected table, tsv, json, md or latex",
            await _rlab.Fail("submission", "list", "--format", "csv"));
    }

    [Fact]
    public async Task The_list_can_be_of_some_runs_or_of_a_board()
    {
        await Add("demo-base", "--board", "Kaggle", "--public", "1", "--at", "2026-01-03");
        var second = await Add("demo-base", "--board", "天池", "--public=-2", "--at", "2026-01-02");
        await Add("demo-short", "--board", "Kaggle", "--public", "3e0", "--at", "2026-01-01");
        Assert.EndsWith("note: '天池' is a new board in this lab file, beside Kaggle\n", second.Error);

        async Task<string[]> Scores(params string[] arguments) =>
            [.. (await List(arguments)).Rows.Select(r => r["public_score"])];
        Assert.Equal(["1", "-2", "3"], await Scores());
        Assert.Equal(["1", "-2"], await Scores("demo-base"));
        Assert.Equal(["1", "-2", "3"], await Scores("@1", Base));
        Assert.Equal(["1", "3"], await Scores("--board", "Kaggle"));
        Assert.Equal(["-2"], await Scores("demo-base", "--board", "天池"));
        Assert.Empty(await Scores("demo-short", "--board", "天池"));
        Assert.Equal("error: --board: nothing was handed in at 'kaggle'\nhint: there are: Kaggle, 天池\n",
            await _rlab.Fail("submission", "list", "--board", "kaggle"));
    }

    [Fact]
    public async Task Without_submissions_the_list_is_empty_and_says_how_to_record_one()
    {
        var list = await List();

        Assert.Equal("run\tname\tboard\tat\tpublic_score\tprivate_score\tnote\n", list.Out);
        Assert.Equal("note: nothing was recorded yet: rlab submission add RUN --board NAME\n", list.Error);
        Assert.Equal("[]\n", (await List("--format", "json")).Out);
    }

    [Fact]
    public async Task Show_tells_what_boards_said_of_the_run()
    {
        await Add("demo-base", "--board", "Kaggle", "--public", "0.93125", "--at", "2026-01-31");
        await Add("demo-short", "--board", "Tianchi", "--private", "0.5");

        var facts = (await _rlab.Succeed("show", "demo-base")).Facts;
        Assert.Equal(("2026-01-31T00:00:00Z", "0.93125", "", ""),
            (facts["submission.Kaggle.at"], facts["submission.Kaggle.public_score"],
                facts["submission.Kaggle.private_score"], facts["submission.Kaggle.note"]));
        Assert.DoesNotContain(facts.Keys, k => k.Contains("Tianchi"));
        var json = (await _rlab.Succeed("show", "demo-base", "--format", "json")).Json.AsArray();
        Assert.Equal(0.93125,
            (double)json.Single(f => (string?)f!["key"] == "submission.Kaggle.public_score")!["value"]!);
        Assert.Contains("0.93125", (await _rlab.Succeed("show", "demo-base", "--format", "table")).Out);
        Assert.DoesNotContain("submission.", (await _rlab.Succeed("show", _demo.Uid(_demo.Cold))).Out);
    }

    [Fact]
    public async Task A_mistyped_board_is_removed_and_nothing_else()
    {
        await Add("demo-base", "--board", "Kagle", "--public", "0.1");
        await Add("demo-base", "--board", "Kagle", "--private", "0.2");
        await Add("demo-base", "--board", "Kaggle", "--public", "0.3");
        await Add("demo-short", "--board", "Kagle", "--public", "0.4");

        var removed = await _rlab.Succeed("submission", "rm", "demo-base", "--board", "Kagle");

        Assert.Equal("", removed.Out);
        Assert.Equal($"note: deleted what was recorded of 'demo-base' ({Base}) at Kagle (records: 2); " +
            "merging a lab file that still has them brings them back\n", removed.Error);
        Assert.Equal(["0.3", "0.4"], (await List()).Rows.Select(r => r["public_score"]).Order());
        Assert.Equal($"error: run 'demo-base' ({Base}) was not handed in at 'Kagle'\nhint: there are: Kaggle\n",
            await _rlab.Fail("submission", "rm", "demo-base", "--board", "Kagle"));
    }

    [Fact]
    public async Task Two_lab_files_submissions_come_together_and_are_counted()
    {
        _rlab.Copy(_rlab.LabFile, "box.db");
        await Add("demo-base", "--board", "Kaggle", "--public", "0.5", "--at", "2026-01-31");
        await Add("demo-base", "--board", "Kaggle", "--private", "0.25", "--lab", "box.db");

        var merge = await _rlab.Succeed("cache", "merge", "box.db");
        Assert.Contains("\nsubmissions\t1\t0\t0\t0\t0\n", merge.Out);
        var again = await _rlab.Succeed("cache", "merge", "box.db", "--format", "json");
        Assert.Equal((0, 1), ((int)again.Json["counts"]!["submissions"]!["added"]!,
            (int)again.Json["counts"]!["submissions"]!["known"]!));

        var row = Assert.Single((await List()).Rows);
        Assert.Equal(("2026-01-31T00:00:00Z", "0.5", "0.25"), (row["at"], row["public_score"], row["private_score"]));
        Assert.EndsWith(", 3 runs, 1 submissions\n", (await _rlab.Succeed("cache", "stats")).Error);
        await _rlab.Succeed("cache", "compact");
        Assert.Single((await List()).Rows);
    }

    [Fact]
    public async Task Pruning_keeps_submissions_and_a_job_carries_none()
    {
        _rlab.WithDemo();
        await Add("demo-base", "--board", "Kaggle", "--public", "0.5");

        await _rlab.Succeed("cache", "prune", "--scorer", "model", "--even-used");
        await _rlab.Succeed("cache", "pack", "demo/base.yaml", "-o", "job.db");

        Assert.Single((await List()).Rows);
        Assert.Empty((await List("--lab", "job.db")).Rows);
    }

    [Fact]
    public async Task A_row_that_was_damaged_is_named_and_not_shown()
    {
        await Add("demo-base", "--board", "Kaggle", "--public", "0.5");
        await Add("demo-base", "--board", "Kaggle", "--public", "0.6");
        using (var connection = new SqliteConnection($"Data Source={_rlab.LabFile};Pooling=False"))
            connection.Execute(
                "UPDATE submission SET public_score = 0.9, board = 'a' || char(27) || '[2J' WHERE public_score = 0.6");

        foreach (var command in new[] { new[] { "submission", "list" }, ["show", "demo-base"] })
        {
            var result = await _rlab.Succeed(command);
            Assert.Contains("\t0.5", result.Out);
            Assert.DoesNotContain("\t0.9\t", result.Out);
            Assert.Matches(@"^note: lab\.db: submission [0-9a-f-]{36} \(a\uFFFD\[2J\) is damaged and left out: " +
                "rlab cache check says more\n$", result.Error);
        }
        var check = (await _rlab.Run("cache", "check")).MustExitWith(2);
        Assert.Contains("failed: check values of submission: 1, e.g. ", check.Error);
    }

    [Fact]
    public async Task A_run_whose_name_has_control_characters_is_listed_without_them_for_people()
    {
        _rlab.Write("bm25.trec", "q Q0 d 1 1.5 bm25");
        await _rlab.Succeed("import", "bm25.trec", "--name", "a\e[2Jb");
        await Add("@1", "--board", "Kaggle", "--note", "one\ntwo");

        foreach (var format in new[] { "table", "md", "latex" })
        {
            var text = (await List("--format", format)).Out;
            Assert.DoesNotContain('\e', text);
            Assert.Contains("one two", text);
        }
        Assert.Contains("'a\uFFFD[2Jb'", (await Add("@1", "--board", "Kaggle")).Error, StringComparison.Ordinal);
        // For programs everything is what it is.
        Assert.Equal("a\e[2Jb", (string?)(await List("--format", "json")).Json[0]!["name"]);
    }

    [Theory]
    [InlineData("error: --public: expected a number such as 0.9312, found '0,93'",
        "--board", "Kaggle", "--public", "0,93")]
    [InlineData("error: --private: expected a number such as 0.9312, found ''",
        "--board", "Kaggle", "--private", "")]
    [InlineData("error: --public: expected a finite number, found NaN", "--board", "Kaggle", "--public", "NaN")]
    [InlineData("error: --private: expected a finite number, found Infinity",
        "--board", "Kaggle", "--private", "1e999")]
    [InlineData("error: --board: expected the name of a board, found nothing", "--board", " ")]
    [InlineData("error: Option '--board' is required.")]
    [InlineData("error: --at: expected a day such as 2026-01-31 or a time such as 2026-01-31T14:05, found '31.1.2026'",
        "--board", "Kaggle", "--at", "31.1.2026")]
    [InlineData("error: --at: 2999-01-31 00:00 UTC is still to come", "--board", "Kaggle", "--at", "2999-01-31")]
    public async Task What_cannot_be_is_refused_and_nothing_is_recorded(string error, params string[] options)
    {
        Assert.StartsWith(error, await _rlab.Fail(["submission", "add", "demo-base", .. options]));
        Assert.Equal(0, _rlab.Single<int>("SELECT count(*) FROM submission"));
    }

    [Fact]
    public async Task A_run_or_a_lab_file_that_is_not_there_is_an_error_of_every_command()
    {
        foreach (var command in new[] { new[] { "add", "--board", "Kaggle" }, ["list"], ["rm", "--board", "Kaggle"] })
        {
            Assert.StartsWith("error: there is no run 'nobody'",
                await _rlab.Fail(["submission", .. command, "nobody"]));
            Assert.StartsWith("error: there is no lab file none.db",
                await _rlab.Fail(["submission", .. command, "demo-base", "--lab", "none.db"]));
        }
        Assert.False(File.Exists(_rlab["none.db"]));
    }

    [Fact]
    public async Task A_lab_file_of_the_schema_before_is_brought_up_to_date()
    {
        _rlab.Copy(
            Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", "schema-3.db"), "lab.db");

        var added = await Add("demo-base", "--board", "Kaggle", "--public", "0.5");

        Assert.StartsWith("note: this lab file is of schema 3, older than this rlab's (4): a copy of it as it was is " +
            "kept in lab.db.schema3.bak\nnote: lab.db was brought to schema 4\nnote: recorded: 'demo-base'",
            added.Error);
        Assert.Single((await List()).Rows);
        Assert.Equal(["lab.db", "lab.db.schema3.bak"], _rlab.LabFiles);
    }
}
