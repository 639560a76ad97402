using System.ComponentModel;
using CliWrap.Buffered;

namespace RerankLab.Cli.Tests;

/// <summary>What is recorded of where a run was made, and what the machine must not change.</summary>
public sealed class ProvenanceTests(DemoLab demo) : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task The_commit_and_uncommitted_changes_are_recorded()
    {
        try
        {
            await Git("init", "--quiet");
        }
        catch (Win32Exception)
        {
            Assert.Skip("needs git");
        }
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        await Git("add", "demo");
        await Git("commit", "--quiet", "--message", "demo");
        var commit = await Git("rev-parse", "HEAD");
        Assert.Equal(40, commit.Length);
        Assert.Equal((commit, "false"), await RecordedAfterARun());

        File.AppendAllText(_rlab["demo/qrels.txt"], "en01 0 nowhere 1\n");
        Assert.Equal((commit, "true"), await RecordedAfterARun());
    }

    [Fact]
    public async Task Outside_a_repository_no_commit_is_recorded()
    {
        _rlab.Variables["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(_rlab.WorkFolder);
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        Assert.Equal((null, null), await RecordedAfterARun());
    }

    [Fact]
    public async Task Without_git_no_commit_is_recorded()
    {
        var dotnet = Environment.ProcessPath is { } path
            && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : null;
        Assert.SkipWhen(dotnet is null, "needs to find dotnet without the PATH");
        _rlab.Copy(demo.Rlab.LabFile, "lab.db");
        _rlab.Variables["PATH"] = Path.GetDirectoryName(dotnet);
        Assert.Equal((null, null), await RecordedAfterARun());
    }

    [Fact]
    public async Task The_users_language_changes_nothing()
    {
        foreach (var name in new[] { "LANG", "LC_ALL", "LANGUAGE" }) _rlab.Variables[name] = "de_DE.UTF-8";
        var run = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json", "--set", "cost.price_per_hour=2.5",
            "--set", "cost.currency=CNY");
        Assert.Equal(demo.Cold.Json["measures"]!.ToJsonString(), run.Json["measures"]!.ToJsonString());
        Assert.Equal((string?)demo.Cold.Json["scorer"], (string?)run.Json["scorer"]);
        Assert.True((double)run.Json["cost"]! > 0);
        Assert.Equal(demo.ColdExport, (await _rlab.Succeed("export")).Out);
        Assert.Equal((await demo.Rlab.Succeed("eval", "demo-base", "--by-query")).Out,
            (await _rlab.Succeed("eval", "--by-query")).Out);
        Assert.Equal((await demo.Rlab.Succeed("export", "demo-base", "--format", "csv")).Out,
            (await _rlab.Succeed("export", "--format", "csv")).Out);
    }

    /// <summary>Commit and dirty flag as the run just made has them.</summary>
    async Task<(string? Commit, string? Dirty)> RecordedAfterARun()
    {
        await _rlab.Succeed("run", "demo/base.yaml");
        var facts = (await _rlab.Succeed("show", "--format", "json")).Json.AsArray()
            .ToLookup(f => (string)f!["key"]!, f => f!["value"]?.ToString());
        return (facts["git.commit"].Single(), facts["git.dirty"].Single());
    }

    async Task<string> Git(params string[] arguments)
    {
        var result = await CliWrap.Cli.Wrap("git")
            .WithArguments(["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c",
                "commit.gpgsign=false", .. arguments])
            .WithWorkingDirectory(_rlab.WorkFolder)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        return result.StandardOutput.Trim();
    }
}
