using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class RunsCommand
{
    [Command("runs", Description = "List the runs of the lab file, the latest first.")]
    public void Runs(CommonParameters common, [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        var runs = new RunStore(lab).Runs();
        var measures = new MeasureColumns(runs);

        if (output == OutputFormat.Table) Table(runs, measures).WriteTable();
        else Full(runs, measures).Write(output);
    }

    /// <summary>What fits a terminal.</summary>
    static Listing Table(IReadOnlyList<RunRecord> runs, MeasureColumns measures)
    {
        int prefix = RunSelector.PrefixLength(runs);
        var listing = new Listing(["id", "name", "started", "depth", "pairs", "scored", .. measures.Names, "tags"]);
        foreach (var run in runs)
            listing.Add([run.Uid[..prefix], run.Name, run.Started.ToLocalTime().ToString("MM-dd HH:mm"),
                run.Status == RunStatus.Complete ? $"{run.Depth}" : $"{run.Depth}, partial", run.Counts.Pairs, run.Counts.Scored,
                .. measures.Of(run), string.Join(',', run.Tags)]);
        return listing;
    }

    static Listing Full(IReadOnlyList<RunRecord> runs, MeasureColumns measures)
    {
        var listing = new Listing(
            ["id", "name", "started", "status", "depth", "queries", "pairs", "scored", "seconds", .. measures.Names, "tags"]);
        foreach (var run in runs)
            listing.Add([run.Uid, run.Name, run.Started.ToString("O"), run.Status.ToString().ToLowerInvariant(), run.Depth, run.Counts.Queries,
                run.Counts.Pairs, run.Counts.Scored, run.Seconds[^1].Value, .. measures.Of(run), string.Join(',', run.Tags)]);
        return listing;
    }
}
