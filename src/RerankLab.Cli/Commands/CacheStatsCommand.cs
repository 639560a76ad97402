using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Diagnosis;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheStatsCommand
{
    [Command("stats", Description = "What is in the lab file: scores by scorer or session, and what runs found there.")]
    public void Stats(
        CommonParameters common,
        [Option("by", Description = "scorer (default), session, or run: how many pairs each run found", ValueName = "WHAT")]
            string by = "scorer",
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (by is not ("scorer" or "session" or "run")) throw new UserError($"--by: expected scorer, session or run, found '{by}'");
        var path = common.LabPath();
        using var lab = LabFile.OpenForReading(path, Talk.Note);
        var statistics = new CacheStatistics(lab);
        var runs = new RunStore(lab).Runs();
        bool isTable = output == OutputFormat.Table;

        (by switch
        {
            "scorer" => ByScorer(statistics, isTable),
            "session" => BySession(statistics, isTable),
            _ => ByRun(runs, isTable),
        }).Write(output);
        var size = statistics.Size;
        Talk.Note($"{path}: {ByteSize.Shown(size.Bytes)}, schema {size.Schema}, {statistics.Scores} scores, {runs.Count} runs" +
            (statistics.Submissions > 0 ? $", {statistics.Submissions} submissions" : "") +
            (size.FreeBytes > size.Bytes / 10 ? $"; {ByteSize.Shown(size.FreeBytes)} of it are free: rlab cache compact" : ""));
    }

    static Listing ByScorer(CacheStatistics statistics, bool isTable)
    {
        var listing = new Listing("scorer", "kind", "names", "scores", "queries", "tokens", "sessions", "runs");
        foreach (var s in statistics.Scorers)
            listing.Add(isTable ? s.Fingerprint[..12] : s.Fingerprint, s.Kind, s.Names, s.Scores, s.Queries, s.Tokens, s.Sessions, s.Runs);
        return listing;
    }

    static Listing BySession(CacheStatistics statistics, bool isTable)
    {
        var listing = new Listing("session", "started", "ended", "device", "provider", "scorer", "scored", "scores");
        foreach (var s in statistics.Sessions)
            listing.Add(s.Uid, s.Started, s.Ended, s.Device, s.Provider, isTable ? s.Scorer?[..12] : s.Scorer, s.Scored, s.Scores);
        return listing;
    }

    /// <summary>The hit history: of each run's distinct pairs those that were there already.</summary>
    static Listing ByRun(IReadOnlyList<RunRecord> runs, bool isTable)
    {
        int prefix = RunSelector.PrefixLength(runs);
        var listing = new Listing("run", "name", "started", "unique_pairs", "hits", "misses", "scored", "hit_rate");
        foreach (var run in runs)
            listing.Add(isTable ? run.Uid[..prefix] : run.Uid, run.Name, run.Started.ToString("O"), run.Counts.UniquePairs, run.Counts.Hits,
                run.Counts.Misses, run.Counts.Scored,
                run.Counts.UniquePairs == 0 ? null : (double)run.Counts.Hits / run.Counts.UniquePairs);
        return listing;
    }
}
