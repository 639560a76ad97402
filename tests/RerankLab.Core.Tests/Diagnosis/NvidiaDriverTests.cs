using RerankLab.Core.Diagnosis;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Diagnosis;

public sealed class NvidiaDriverTests
{
    const long GiB = ByteSize.GiB;

    static readonly NvidiaDriver Good = new("580.65.06", true, true, null,
        [new Gpu(0, "NVIDIA A10", 24 * GiB, 23 * GiB)]);

    static readonly ExecutionDevice Cuda = ExecutionDevice.TryParse("cuda")!;

    static Finding[] Check(NvidiaDriver driver, bool isWanted = true, long weights = 0,
        ExecutionDevice? asked = null) =>
        [.. driver.Check(asked ?? ExecutionDevice.Auto, isWanted, weights)];

    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC " +
        "version:  gcc version 12.2.0\n", "535.183.01")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  " +
        "(dvs-builder@U22)\nGCC version:  12.3.0\n", "580.65.06")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  570.124.06  Release Build\n", "570.124.06")]
    [InlineData("GCC version:  gcc version 12.2.0\n", null)]
    [InlineData("", null)]
    public void The_version_is_read_from_what_the_kernel_module_says(string text, string? version) =>
        Assert.Equal(version, NvidiaDriver.ParseVersion(text));

    [Fact]
    public void A_driver_of_today_with_a_free_GPU_is_good()
    {
        Assert.Equal(["580.65.06", "0: NVIDIA A10, 23.0 GiB of 24.0 GiB free"], Check(Good).Select(f => f.Found));
        Assert.All(Check(Good), f => Assert.Equal(Severity.Ok, f.Severity));
    }

    [Fact]
    public void Without_a_driver_models_run_on_the_CPU_unless_CUDA_is_asked_for()
    {
        var none = new NvidiaDriver(null, false, false, "-1", []);
        Assert.Equal([Finding.Ok("NVIDIA driver", "none: models run on the CPU")], Check(none, isWanted: false));
        var problem = Assert.Single(Check(none, isWanted: true, asked: Cuda));
        Assert.Equal((Severity.Problem, "CUDA not available: there is no NVIDIA driver on this machine"),
            (problem.Severity, problem.Found));
        Assert.Contains("--gpus all", problem.Remedy);
    }

    [Fact]
    public void Where_the_CPU_is_asked_for_nothing_of_the_GPU_matters() =>
        Assert.Equal([Finding.Ok("NVIDIA driver", "470.1; not asked for")],
        Check(new NvidiaDriver("470.1", true, false, "-1", []), isWanted: false, asked: ExecutionDevice.Cpu));

    [Fact]
    public void An_old_driver_is_told_with_the_one_that_is_needed()
    {
        var warning = Check(Good with { Version = "550.54.15" })[0];
        Assert.Equal((Severity.Warning, "NVIDIA driver"), (warning.Severity, warning.Check));
        Assert.Contains("550.54.15 is too old for CUDA 13", warning.Found);
        Assert.Contains("580 or newer", warning.Remedy);
        Assert.Equal("present, of an unknown version", Check(Good with { Version = null })[0].Found);
    }

    [Fact]
    public void A_container_that_was_started_without_GPUs_is_told()
    {
        var finding = Check(Good with { HasDevices = false, Gpus = [] })[1];
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.Contains("CUDA not available: the driver is loaded, but its devices cannot be seen", finding.Found);
        Assert.Contains("--gpus all", finding.Remedy);
    }

    [Theory]
    [InlineData("", Severity.Warning)]
    [InlineData("-1", Severity.Warning)]
    [InlineData("1,0", Severity.Ok)]
    public void A_variable_that_hides_GPUs_is_named(string value, Severity severity)
    {
        var finding = Assert.Single(Check(Good with { VisibleDevices = value }, isWanted: severity == Severity.Ok),
            f => f.Check == "CUDA_VISIBLE_DEVICES");
        Assert.Equal(severity, finding.Severity);
        Assert.Contains($"'{value}'", finding.Found);
    }

    [Theory]
    [InlineData(23, 1, Severity.Ok)]
    [InlineData(1.9, 0, Severity.Warning)]
    [InlineData(5, 2.4, Severity.Ok)]
    [InlineData(5, 2.6, Severity.Warning)]
    public void Little_free_memory_is_OOM_to_come(double free, double weights, Severity severity)
    {
        var finding = Check(Good with { Gpus = [new Gpu(1, "T4", 24 * GiB, (long)(free * GiB))] },
            weights: (long)(weights * GiB))[1];
        Assert.Equal(severity, finding.Severity);
        Assert.Equal(severity == Severity.Warning, finding.Found.EndsWith(": OOM (out of memory) is likely"));
    }

    [Fact]
    public void Libraries_that_the_loader_does_not_find_are_listed_with_what_brings_them()
    {
        var missing = CudaLibraries.Judge(["libcublas.so.13", "libcudart.so.13"], hasCudnn: true);
        Assert.Equal((Severity.Warning, "not found: libcublas.so.13, libcudart.so.13"),
            (missing.Severity, missing.Found));
        Assert.Contains("cuda-libraries-13-0", missing.Remedy);
        Assert.Contains("driver 580", CudaLibraries.Judge(["libcuda.so.1"], hasCudnn: true).Remedy);
        Assert.Equal("all of CUDA 13, but not cuDNN 9, which some operators need",
            CudaLibraries.Judge([], hasCudnn: false).Found);
    }
}
