using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

/// <summary>The built <c>rlab</c>, run as a process of its own in an empty working folder of its own.</summary>
sealed class Rlab : IDisposable
{
    /// <summary>The program as the Cli project's build left it, with its native libraries beside it.</summary>
    public static string Program { get; } = FindProgram();

    readonly TemporaryFolder _folder = new();

    public Rlab() => Directory.CreateDirectory(WorkFolder);

    /// <summary>The folder that rlab runs in; it holds what the test puts there and what rlab leaves there.</summary>
    public string WorkFolder => _folder["work"];

    public string LabFile => this["lab.db"];

    /// <summary>A path in the working folder.</summary>
    public string this[string name] => Path.Combine(WorkFolder, name);

    /// <summary>Names of the files in the working folder that belong to the lab file.</summary>
    public string[] LabFiles => [.. Directory.GetFiles(WorkFolder, "lab.db*").Select(f => Path.GetFileName(f)).Order()];

    /// <summary>Variables that are set for rlab, or with null taken away.</summary>
    public Dictionary<string, string?> Variables { get; } = new()
    {
        ["RLAB_LAB"] = null,
        // The same device on every machine that runs these tests.
        ["CUDA_VISIBLE_DEVICES"] = "-1",
        // Short processes: nothing to be won by profiling them.
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>The variables of a process of rlab that differ from those of the tests.</summary>
    public IReadOnlyDictionary<string, string?> Environment =>
        Variables.Append(new("RLAB_CACHE", _folder["cache"])).ToDictionary();

    /// <summary>Writes a text file into the working folder.</summary>
    public string Write(string name, params string[] lines)
    {
        _folder.Write(Path.Combine("work", name), string.Concat(lines.Select(l => l + "\n")));
        return name;
    }

    /// <summary>Copies the demo (data, experiments, model) to the folder <c>demo</c>.</summary>
    public Rlab WithDemo()
    {
        var files = Directory.GetFiles(Repository.Demo)
            .Concat(Directory.GetFiles(Path.Combine(Repository.Demo, "model"), "*",
            SearchOption.AllDirectories));
        foreach (var file in files) Copy(file, Path.Combine("demo", Path.GetRelativePath(Repository.Demo, file)));
        return this;
    }

    /// <summary>Copies a file from elsewhere into the working folder.</summary>
    public void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[to])!);
        File.Copy(from, this[to], overwrite: true);
        File.SetAttributes(this[to], FileAttributes.Normal);
    }

    /// <summary>Runs rlab to its end.</summary>
    public async Task<RlabResult> Run(params string[] arguments)
    {
        var result = await Command(arguments)
            .ExecuteBufferedAsync(Encoding.UTF8, TestContext.Current.CancellationToken);
        return new RlabResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <summary>Runs rlab to its end with something on its standard input.</summary>
    public async Task<RlabResult> RunWithInput(byte[] input, params string[] arguments)
    {
        var result = await Command(arguments).WithStandardInputPipe(PipeSource.FromBytes(input))
            .ExecuteBufferedAsync(Encoding.UTF8, TestContext.Current.CancellationToken);
        return new RlabResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }

    /// <summary>Runs rlab to its end, which must be good.</summary>
    public async Task<RlabResult> Succeed(params string[] arguments) => (await Run(arguments)).MustExitWith(0);

    /// <summary>Runs rlab with what must be refused: exit code 1, nothing on stdout, <c>error:</c> and no stack trace
    /// on stderr.</summary>
    /// <returns>What it says on stderr.</returns>
    public async Task<string> Fail(params string[] arguments)
    {
        var result = (await Run(arguments)).MustExitWith(1);
        Assert.Equal("", result.Out);
        Assert.StartsWith("error: ", result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.DoesNotContain("Exception", result.Error);
        return result.Error;
    }

    /// <summary>Starts rlab and goes on.</summary>
    public RunningRlab Start(params string[] arguments)
    {
        var (stdout, stderr) = (new StringBuilder(), new StringBuilder());
        var command = Command(arguments)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(stdout, Encoding.UTF8))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(stderr, Encoding.UTF8));
        return new RunningRlab(command.ExecuteAsync(TestContext.Current.CancellationToken), stdout, stderr);
    }

    /// <summary>Rows of the lab file; while rlab writes to it, what it has committed.</summary>
    public List<T> Query<T>(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={LabFile};Mode=ReadOnly;Pooling=False");
        return [.. connection.Query<T>(sql)];
    }

    /// <summary>The one value that the lab file has.</summary>
    public T Single<T>(string sql) => Assert.Single(Query<T>(sql));

    public void Dispose() => _folder.Dispose();

    Command Command(string[] arguments) => CliWrap.Cli.Wrap("dotnet")
        .WithArguments([Program, .. arguments])
        .WithWorkingDirectory(WorkFolder)
        .WithEnvironmentVariables(Environment)
        .WithValidation(CommandResultValidation.None);

    static string FindProgram()
    {
        // …/tests/RerankLab.Cli.Tests/bin/CONFIGURATION/net10.0/
        var output = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        while (output.Parent!.Parent!.Name != "bin") output = output.Parent;
        var built = Path.Combine(Repository.Root, "src", "RerankLab.Cli", "bin", output.Parent.Name, output.Name);
        return Directory.GetFiles(built, "rlab.dll", SearchOption.AllDirectories)
            .Where(f => File.Exists(Path.ChangeExtension(f, ".runtimeconfig.json")) && !f.Contains("publish"))
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .First();
    }
}
