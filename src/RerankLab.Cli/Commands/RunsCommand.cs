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
        using var lab = LabFile.OpenForReading(common.LabPath());
        var runs = new RunStore(lab).Runs();
        int prefix = RunSelector.PrefixLength(runs);
        var measures = runs.SelectMany(r => r.Measures).Select(m => m.Key).Distinct().ToList();

        var listing = new Listing(["id", "name", "started", "status", "depth", "queries", "pairs", "scored", "seconds", .. measures, "tags"]);
        foreach (var run in runs)
        {
            var values = run.Measures.ToDictionary();
            listing.Add([output == OutputFormat.Table ? run.Uid[..prefix] : run.Uid, run.Name, Started(run, output),
                run.Status.ToString().ToLowerInvariant(), run.Depth, run.Counts.Queries, run.Counts.Pairs, run.Counts.Scored,
                Math.Round(run.Seconds[^1].Value, 2),
                .. measures.Select(m => values.TryGetValue(m, out double value) ? (object)value : null),
                string.Join(',', run.Tags)]);
        }
        listing.Write(output);
    }

    static string Started(RunRecord run, OutputFormat format) =>
        format == OutputFormat.Table ? run.Started.ToLocalTime().ToString("yyyy-MM-dd HH:mm") : run.Started.ToString("O");
}
