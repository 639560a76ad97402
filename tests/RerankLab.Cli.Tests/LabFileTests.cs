using CliWrap.Buffered;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary>Lab files that are odd, and what is told of them.</summary>
public sealed class LabFileTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    public static TheoryData<string> Commands => ["runs", "export", "run demo/base.yaml"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_text_file_is_no_lab_file_and_stays_as_it_is(string command)
    {
        _rlab.Write("lab.db", "This is a diary, and no lab file. ", new string('x', 4096));
        await Refused(command,
            "error: lab.db: this is not a lab file of rlab\n" +
            "hint: name another with --lab, RLAB_LAB or lab: in the experiment\n");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Another_programs_database_is_no_lab_file_and_stays_as_it_is(string command)
    {
        Write("CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES ('soup'); PRAGMA user_version = 1");
        await Refused(command, "error: lab.db: this is not a lab file of rlab\n");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_lab_file_of_a_later_version_is_refused_and_stays_as_it_is(string command)
    {
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        Write("PRAGMA user_version = 999");
        await Refused(command, "error: lab.db: this lab file is of schema 999, newer than this rlab knows (",
            "\nhint: update rlab\n");
    }

    [Fact]
    public async Task A_lab_file_that_is_not_there_is_made_by_run_alone()
    {
        foreach (var command in new[] { "runs", "show", "eval", "diff a b", "export" })
            Assert.Equal(
                "error: there is no lab file lab.db\nhint: rlab run EXPERIMENT.yaml makes one; --lab names another\n",
                await _rlab.Fail(command.Split(' ')));
        Assert.Empty(_rlab.LabFiles);
        Assert.StartsWith("error: no/such/folder/lab.db: ",
            await _rlab.Fail("run", "demo/base.yaml", "--lab", "no/such/folder/lab.db"));
        Assert.StartsWith("error: demo: ", await _rlab.Fail("run", "demo/base.yaml", "--lab", "demo"));
    }

    [Fact]
    public async Task On_a_network_file_system_there_is_a_warning_and_no_WAL()
    {
        _rlab.Variables["RLAB_FILE_SYSTEM"] = "network";

        var result = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");

        Assert.Contains("note: lab.db is on a network file system (", result.Error);
        Assert.Equal(1040, (int)result.Json["scored"]!);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
        var warm = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");
        Assert.Equal(1040, (int)warm.Json["hits"]!);
        await _rlab.Succeed("cache", "check");
    }

    [Fact]
    public async Task A_file_that_a_kill_left_in_WAL_is_closed_and_checked_before_it_is_written()
    {
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        Write("PRAGMA journal_mode = WAL");
        _rlab.Variables["RLAB_FILE_SYSTEM"] = "network";

        var result = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json");

        Assert.Contains("note: lab.db was not closed by its last writer, which must have been killed; a quick check " +
            "finds no damage\n", result.Error);
        Assert.Equal("delete", _rlab.Single<string>("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task An_older_lab_file_is_brought_up_to_date_by_whichever_command_opens_it_after_a_copy()
    {
        _rlab.Copy(Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", "schema-1.db"),
            "lab.db");
        var before = File.ReadAllBytes(_rlab.LabFile);

        var result = await _rlab.Succeed("runs");

        Assert.Equal(["first-stage", "demo-short", "demo-base"], result.Rows.Select(r => r["name"]));
        Assert.Contains("note: this lab file is of schema 1, older than this rlab's (", result.Error);
        Assert.Contains("a copy of it as it was is kept in lab.db.schema1.bak\n", result.Error);
        Assert.Equal(["lab.db", "lab.db.schema1.bak"], _rlab.LabFiles);
        Assert.Equal(before[100..], File.ReadAllBytes(_rlab["lab.db.schema1.bak"])[100..]);
        Assert.Equal("", (await _rlab.Succeed("runs")).Error);
        // Its scores are hits.
        var run = await _rlab.Succeed("run", "demo/base.yaml", "--set", "dataset.depth=5", "--format", "json");
        Assert.Equal((260, 0), ((int)run.Json["hits"]!, (int)run.Json["scored"]!));
    }

    [Fact]
    public async Task A_recorded_path_out_of_the_lab_files_folder_is_followed_only_to_the_recorded_text()
    {
        Directory.CreateDirectory(_rlab["labs"]);
        await _rlab.Succeed("run", "demo/base.yaml", "--lab", "labs/lab.db");
        await _rlab.Succeed("export", "--format", "submission", "--lab", "labs/lab.db");

        File.AppendAllText(_rlab["demo/base.yaml"], "# changed\n");

        var error = await _rlab.Fail("export", "--format", "submission", "--lab", "labs/lab.db");
        Assert.Contains("the experiment file ../demo/base.yaml of run 'demo-base' is outside the lab file's folder",
            error);
        Assert.Contains("--experiment", error);
        await _rlab.Succeed("export", "--format", "submission", "--lab", "labs/lab.db",
            "--experiment", "demo/base.yaml");
    }

    [Fact]
    public async Task A_damaged_lab_file_is_an_error_without_a_stack_trace()
    {
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        using (var file = File.OpenWrite(_rlab.LabFile))
        {
            file.Position = 4096;
            file.Write(new byte[file.Length - 4096]);
        }
        var error = await _rlab.Fail("runs");
        Assert.StartsWith("error: ", error);
        Assert.Contains("damaged", error);
    }

    [Fact]
    public async Task A_read_only_lab_file_serves_everything_but_new_runs()
    {
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var unlock = await Lock(_rlab.LabFile);
        try
        {
            foreach (var command in new[] { "runs", "show demo-base", "eval demo-base", "diff demo-base demo-short",
                "export demo-base" })
                Assert.Equal(await demo.Rlab.Succeed(command.Split(' ')), await _rlab.Succeed(command.Split(' ')));
            var run = (await _rlab.Run("run", "demo/base.yaml")).MustExitWith(1);
            Assert.Equal("", run.Out);
            Assert.Contains("error: lab.db: this lab file is read-only\n" +
                            "hint: copy it to where you can write, and name the copy with --lab\n", run.Error);
            Assert.Equal(["lab.db"], _rlab.LabFiles);
        }
        finally
        {
            await unlock();
        }
    }

    async Task Refused(string command, string start, string end = "\n")
    {
        var before = File.ReadAllBytes(_rlab.LabFile);
        var error = await _rlab.Fail(command.Split(' '));
        Assert.StartsWith(start, error);
        Assert.EndsWith(end, error);
        Assert.Equal(before, File.ReadAllBytes(_rlab.LabFile));
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    void Write(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_rlab.LabFile};Pooling=False");
        connection.Execute(sql);
    }

    /// <summary>
    /// Takes away the right to write a file; a root user needs the immutable attribute for that. Skips where
    /// neither holds.
    /// </summary>
    static async Task<Func<Task>> Lock(string path)
    {
        File.SetAttributes(path, FileAttributes.ReadOnly);
        if (!CanWrite(path))
            return () =>
            {
                File.SetAttributes(path, FileAttributes.Normal);
                return Task.CompletedTask;
            };

        Assert.SkipUnless(File.Exists("/usr/bin/chattr") && await Chattr("+i", path) == 0,
            "root may write any file here, and chattr +i cannot stop it");
        Assert.False(CanWrite(path));
        return () => Chattr("-i", path);
    }

    static bool CanWrite(string path)
    {
        try
        {
            using var file = File.OpenWrite(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    static async Task<int> Chattr(string flag, string path) =>
        (await CliWrap.Cli.Wrap("/usr/bin/chattr").WithArguments([flag, path])
            .WithValidation(CliWrap.CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken)).ExitCode;
}
