[assembly: AssemblyFixture(typeof(RerankLab.Cli.Tests.DemoLab))]

namespace RerankLab.Cli.Tests;

/// <summary>
/// A lab file with three runs of the demo, which tests share and must only read: <c>demo-base</c> cold and warm, then
/// <c>demo-short</c>.
/// </summary>
public sealed class DemoLab : IAsyncLifetime
{
    internal Rlab Rlab { get; } = new Rlab().WithDemo();

    /// <summary>Of the run that scored every pair.</summary>
    internal RlabResult Cold { get; private set; } = null!;

    /// <summary>Of the run of the same experiment that found every score.</summary>
    internal RlabResult Warm { get; private set; } = null!;

    /// <summary>Of the run with a smaller max length.</summary>
    internal RlabResult Short { get; private set; } = null!;

    /// <summary>What <c>export</c> wrote after the cold run, and after the warm one.</summary>
    internal string ColdExport { get; private set; } = "";

    internal string WarmExport { get; private set; } = "";

    internal string Uid(RlabResult run) => (string)run.Json["run"]!;

    public async ValueTask InitializeAsync()
    {
        Cold = await Rlab.Succeed("run", "demo/base.yaml", "--format", "json");
        ColdExport = (await Rlab.Succeed("export")).Out;
        Warm = await Rlab.Succeed("run", "demo/base.yaml", "--format", "json");
        WarmExport = (await Rlab.Succeed("export")).Out;
        Short = await Rlab.Succeed("run", "demo/short.yaml", "--format", "json");
    }

    public ValueTask DisposeAsync()
    {
        Rlab.Dispose();
        return ValueTask.CompletedTask;
    }
}
