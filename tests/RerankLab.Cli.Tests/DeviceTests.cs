using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

/// <summary>Where and how models run.</summary>
public sealed class DeviceTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task Auto_says_what_it_chose_and_why()
    {
        var run = await _rlab.Succeed("run", "demo/base.yaml");
        Assert.Contains("pairs on cpu (CPUExecutionProvider; run.device is auto, and no NVIDIA GPU is visible)\n", run.Error);
        run = await _rlab.Succeed("run", "demo/base.yaml", "--set", "run.device=cpu", "--lab", "other.db");
        Assert.Contains("pairs on cpu (CPUExecutionProvider)\n", run.Error);
    }

    [Fact]
    public async Task Threads_and_batches_in_flight_change_no_score_and_threads_are_kept_with_the_session()
    {
        await _rlab.Succeed("run", "demo/base.yaml", "--set", "run.threads=1");
        var one = await _rlab.Succeed("export");
        Assert.Equal("1", Versions()["threads"]!.GetValue<string>());
        foreach (var settings in (string[][])[["run.threads=3"], ["run.threads=2", "run.in_flight=1"], ["run.in_flight=4", "run.max_batch=5"]])
        {
            File.Delete(_rlab.LabFile);
            await _rlab.Succeed(["run", "demo/base.yaml", .. settings.SelectMany(s => new[] { "--set", s })]);
            Assert.Equal(one.Out, (await _rlab.Succeed("export")).Out);
        }
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:1")]
    public async Task Cuda_never_falls_back_to_the_cpu(string device)
    {
        var error = await _rlab.Fail("run", "demo/base.yaml", "--set", $"run.device={device}");
        Assert.StartsWith($"error: run.device is {device}, but CUDA cannot be used: ", error);
        Assert.Contains("\nhint: ", error);
        Assert.Empty(_rlab.LabFiles);
    }

    [Fact]
    public async Task A_plugin_that_is_missing_or_no_library_is_said_to_be_so()
    {
        string[] run = ["run", "demo/base.yaml", "--set", "run.device=cuda", "--set", "run.cuda_plugin=provider.so"];
        Assert.StartsWith("error: run.device is cuda, but CUDA cannot be used: run.cuda_plugin: there is no library demo/provider.so\n" +
            "hint: demo/provider.so must be the library of a CUDA provider for this version of ONNX Runtime (1.", await _rlab.Fail(run));

        _rlab.Write("demo/provider.so", "no library");
        var error = await _rlab.Fail(run);
        Assert.StartsWith("error: run.device is cuda, but CUDA cannot be used: ", error);
        Assert.Contains("provider.so", error.Split('\n')[0]);
        Assert.Contains("hint: demo/provider.so must be the library of a CUDA provider", error);
        Assert.Empty(_rlab.LabFiles);
    }

    [Theory]
    [InlineData("run.cuda.device_id=1", "error: --set run.cuda.device_id=1: run.cuda.device_id: name the GPU with run.device: cuda:N\n")]
    [InlineData("run.cuda=fast", "error: --set run.cuda=fast: run.cuda: expected keys and values below it, found 'fast'\n")]
    [InlineData("run.threads=0", "error: --set run.threads=0: run.threads: expected a whole number of at least 1, found '0'\n")]
    public async Task Settings_that_mean_nothing_are_refused(string setting, string error) =>
        Assert.Equal(error, await _rlab.Fail("run", "demo/base.yaml", "--set", setting));

    /// <summary>Runs where this machine has an NVIDIA GPU and rlab was built for it: <c>-p:OrtFlavor=Gpu</c>.</summary>
    [Fact]
    public async Task On_a_gpu_the_demo_has_the_ranking_that_it_has_on_the_cpu()
    {
        Assert.SkipUnless(File.Exists("/dev/nvidiactl"), "needs an NVIDIA GPU");
        Assert.SkipUnless(File.Exists(Path.Combine(Path.GetDirectoryName(Rlab.Program)!, "libonnxruntime_providers_cuda.so")),
            "needs rlab built with -p:OrtFlavor=Gpu");
        _rlab.Variables["CUDA_VISIBLE_DEVICES"] = null;
        var gpu = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json", "--set", "run.device=cuda", "--lab", "gpu.db");
        Assert.Equal("cuda", (string?)gpu.Json["device"]);
        var cpu = await _rlab.Succeed("run", "demo/base.yaml", "--format", "json", "--set", "run.device=cpu");
        Assert.Equal(cpu.Json["measures"]!.ToJsonString(), gpu.Json["measures"]!.ToJsonString());
        await _rlab.Succeed("cache", "verify", "demo/base.yaml", "--set", "run.device=cpu", "--lab", "gpu.db");
    }

    JsonNode Versions() => JsonNode.Parse(_rlab.Single<string>("SELECT versions FROM session"))!;
}
