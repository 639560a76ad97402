using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheMergeCommand
{
    [Command("merge", Description = "Add what other lab files have (scores, runs) to one; the others are only read.")]
    public int Merge(
        [Argument(Description = "lab files to add", Name = "LAB")] string[] source,
        CommonParameters common,
        [Option("into", Description = "the lab file that they go into, made where there is none; else that of --lab", ValueName = "PATH")]
            string? into = null,
        [Option("dry-run", Description = "say what would be done, and change nothing")] bool dryRun = false,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (source.Length == 0)
            throw new UserError("rlab cache merge needs a lab file to add", "for example: rlab cache merge box.db --into lab.db");
        var spec = new MergeSpec(source, into ?? common.LabPath(), dryRun);
        using var interruption = new Interruption();
        try
        {
            var report = Talk.WithProgress("merging", "scores", progress => LabMerge.Run(spec, Talk.Note, progress, interruption.Token));
            MergeSummary.Write(report, output);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Talk.Note($"stopped: {spec.Into} is what it was");
            return interruption.ExitCode;
        }
    }
}
