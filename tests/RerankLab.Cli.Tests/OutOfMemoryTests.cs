using System.Text;
using CliWrap;
using CliWrap.Buffered;

namespace RerankLab.Cli.Tests;

/// <summary>Real runs in a process that may not have much memory.</summary>
public sealed class OutOfMemoryTests : IDisposable
{
    /// <summary>What a pair of the hungry model takes.</summary>
    const int MegabytesAPair = 64;

    /// <summary>Virtual memory: .NET and ONNX Runtime take 2 to 3 GB of it before they do anything.</summary>
    const int LimitInMegabytes = 4096;

    readonly Rlab _rlab = new();

    public OutOfMemoryTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits memory as Linux does");
        _rlab.Write("c.jsonl", [.. Enumerable.Range(1, 5).Select(q =>
            $$"""{"id": "q{{q}}", "query": "question {{q}}", "passages": [{{string.Join(", ",
                Enumerable.Range(1, 10).Select(d => $$"""{"id": "d{{d}}", "text": "answer {{d}}"}"""))}}]}""")]);
        _rlab.Write("e.yaml", "dataset: { candidates: c.jsonl }", "scorer: { model: model, max_length: 64 }",
            "run: { device: cpu, batch_tokens: 100000, in_flight: 1 }");
    }

    public void Dispose() => _rlab.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Batches_are_halved_until_they_fit_and_the_scores_are_the_same(int inFlight)
    {
        Models.Write(_rlab, "model", Models.Hungry(MegabytesAPair));
        var limited = (await RunLimited("--set", $"run.in_flight={inFlight}")).MustExitWith(0);
        Assert.Matches("note: out of memory on a batch of 50 pairs \\([0-9]+ padded tokens\\): going on with at most [0-9]+\n",
            limited.Error);
        Assert.Equal(50, (int)limited.Json["scored"]!);
        Assert.Equal(1, _rlab.Single<int>("SELECT count(*) FROM session"));

        await _rlab.Succeed("run", "e.yaml", "--lab", "free.db", "--set", "run.batch_tokens=16");
        Assert.Equal((await _rlab.Succeed("export", "--lab", "free.db")).Out, (await _rlab.Succeed("export")).Out);
    }

    [Fact]
    public async Task A_single_pair_without_memory_is_named_with_its_length()
    {
        Models.Write(_rlab, "model", Models.Hungry(LimitInMegabytes * 2));
        var failed = (await RunLimited()).MustExitWith(1);
        Assert.Matches("error: out of memory on a single pair: query 'q[0-9]', document 'd[0-9]+', [0-9]+ tokens: .+\nhint: shorten pairs",
            failed.Error);
        Assert.Equal(["lab.db"], _rlab.LabFiles);
    }

    async Task<RlabResult> RunLimited(params string[] options)
    {
        // .NET reserves much more memory than it uses, unless it is told how much it may use.
        _rlab.Variables["DOTNET_GCHeapHardLimit"] = "0x8000000";
        var result = await CliWrap.Cli.Wrap("sh")
            .WithArguments(["-c", $"ulimit -v {LimitInMegabytes * 1024L}; exec dotnet \"$@\"", "sh", Rlab.Program, "run", "e.yaml",
                "--format", "json", .. options])
            .WithWorkingDirectory(_rlab.WorkFolder).WithEnvironmentVariables(_rlab.Environment)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Encoding.UTF8, TestContext.Current.CancellationToken);
        _rlab.Variables.Remove("DOTNET_GCHeapHardLimit");
        return new RlabResult(result.ExitCode, result.StandardOutput, result.StandardError);
    }
}
