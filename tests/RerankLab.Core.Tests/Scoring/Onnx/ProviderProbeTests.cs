using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class ProviderProbeTests
{
    [Fact]
    public void The_CPU_computes_the_probe()
    {
        var finding = ProviderProbe.Cpu();
        Assert.Equal((Severity.Ok, "CPU provider"), (finding.Severity, finding.Check));
        Assert.StartsWith("CPUExecutionProvider computes (a probe took ", finding.Found);
    }

    [Fact]
    public void Both_halves_of_ONNX_Runtime_fit()
    {
        var finding = ProviderProbe.Versions();
        Assert.Equal(Severity.Ok, finding.Severity);
        Assert.Matches(@"^\d+\.\d+\.\d+, built with .*CPUExecutionProvider", finding.Found);
    }

    [Fact]
    public void A_provider_that_is_not_built_in_is_a_problem()
    {
        Assert.SkipWhen(ProviderProbe.HasCuda, "this build has the CUDA provider");
        var finding = ProviderProbe.Cuda(0, new ExecutionSpec(ExecutionDevice.Auto));
        Assert.Equal((Severity.Problem, "CUDA provider"), (finding.Severity, finding.Check));
        Assert.StartsWith("CUDA not available: ", finding.Found);
    }

    [Fact]
    public void The_graph_of_the_probe_is_read_as_any_other()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["probe.onnx"], ProbeGraph.Bytes);
        var graph = OnnxGraphFile.Read(folder["probe.onnx"]);
        Assert.Equal("x [2, 2]", Assert.Single(graph.Inputs).ToString());
        Assert.Equal(("y [2, 2]", "float"), (Assert.Single(graph.Outputs).ToString(), graph.Outputs[0].Type));
        Assert.Equal(17, graph.Opset);
    }

    [Theory]
    [InlineData("/opt/libonnxruntime.so: version `GLIBC_2.38' not found\n",
        "/opt/libonnxruntime.so: version `GLIBC_2.38' not found")]
    [InlineData("/opt/libonnxruntime.so: file too short\n", "/opt/libonnxruntime.so: file too short")]
    [InlineData("", "it is not beside rlab")]
    public void Of_the_loaders_long_message_the_reason_is_taken(string line, string reason) => Assert.Equal(reason,
        ProviderProbe.LoaderReason("Unable to load shared library 'onnxruntime' or one of its dependencies.\n" +
            "/opt/onnxruntime.so: cannot open shared object file: No such file or directory\n" + line));

    [Fact]
    public void A_message_of_one_line_is_the_reason_itself() =>
        Assert.Equal("Unable to load DLL", ProviderProbe.LoaderReason("Unable to load DLL"));
}
