using CliWrap;
using CliWrap.Buffered;

namespace RerankLab.Cli.Tests;

/// <summary>How output looks where it is read by people, and where by programs.</summary>
public sealed class TerminalTests(DemoLab demo)
{
    const char Escape = '\e';

    [Fact]
    public async Task Redirected_output_is_tab_separated_by_default()
    {
        Assert.Equal(await demo.Rlab.Succeed("runs", "--format", "tsv"), await demo.Rlab.Succeed("runs"));
        using var rlab = new Rlab().WithDemo();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        var run = await rlab.Succeed("run", "demo/base.yaml");
        Assert.Equal(["key", "value"], run.Table[0]);
        Assert.All(run.Table, row => Assert.Equal(2, row.Length));
        Assert.Equal(("demo-base", "complete", "1040"), (run.Facts["name"], run.Facts["status"], run.Facts["hits"]));
        Assert.Equal((double)demo.Cold.Json["measures"]!["AP"]!, double.Parse(run.Facts["measures.AP"]));
    }

    [Fact]
    public async Task Redirected_tables_and_errors_have_no_escape_codes()
    {
        using var rlab = new Rlab().WithDemo();
        rlab.Copy(demo.Rlab.LabFile, "lab.db");
        rlab.Variables["NO_COLOR"] = null;
        rlab.Variables["TERM"] = "xterm-256color";
        var run = await rlab.Succeed("run", "demo/base.yaml", "--format", "table");
        Assert.Contains("re-ranked", run.Out);
        Assert.Contains("0.9065", run.Out);
        var error = await rlab.Run("eval", "--format", "table", "nobody");
        Assert.DoesNotContain(Escape, run.Out + run.Error + error.Error +
            (await rlab.Succeed("runs", "--format", "table")).Out);
        Assert.StartsWith("error: ", error.Error);
    }

    [Fact]
    public async Task A_terminal_gets_a_table_and_colours_unless_NO_COLOR_is_set()
    {
        var table = await OnATerminal("eval demo-base", noColor: null);
        Assert.Contains("──", table);
        Assert.DoesNotContain('\t', table);
        var coloured = await OnATerminal("show nobody", noColor: null);
        Assert.Matches($"{Escape}\\[[0-9;]*m", coloured);
        var plain = await OnATerminal("show nobody", noColor: "1");
        Assert.Contains("error: there is no run 'nobody'", plain);
        // Neither a foreground nor a background colour.
        Assert.DoesNotMatch($"{Escape}\\[([0-9;]*;)?([34][0-9]|9[0-7]|10[0-7])(;[0-9;]*)?m", plain);
    }

    [Fact]
    public async Task A_narrow_terminal_gets_every_name_and_number_whole()
    {
        var shown = await OnATerminal("runs; dotnet \"$RLAB\" diff demo-base demo-short --moved 0", noColor: "1", columns: 60);
        foreach (var text in new[] { "demo-base", "demo-short", "1040", "0.9065", "0.7596", "nDCG@10", "-16.2%",
            "<0.0001", "win / tie / loss", "detectable" })
            Assert.Contains(text, shown);
        Assert.DoesNotContain('…', shown);
    }

    [Fact]
    public async Task What_is_typed_or_recorded_does_not_steer_the_terminal()
    {
        var shown = await OnATerminal("show \"$(printf '\\033[2Jnobody')\"", noColor: "1");
        Assert.Contains("there is no run '\uFFFD[2Jnobody'", shown, StringComparison.Ordinal);
        Assert.DoesNotContain($"{Escape}[2J", shown, StringComparison.Ordinal);
    }

    async Task<string> OnATerminal(string arguments, string? noColor, int columns = 80)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && OperatingSystem.IsLinux(),
            "needs util-linux' script, which makes a terminal");
        var result = await CliWrap.Cli.Wrap("/usr/bin/script")
            .WithArguments(["-qec", $"stty cols {columns}; dotnet \"$RLAB\" {arguments}", "/dev/null"])
            .WithWorkingDirectory(demo.Rlab.WorkFolder)
            .WithEnvironmentVariables(new Dictionary<string, string?>
            {
                ["RLAB"] = Rlab.Program,
                ["NO_COLOR"] = noColor,
                ["TERM"] = "xterm-256color",
                ["RLAB_LAB"] = null,
            })
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput;
    }
}
