using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class SubmissionListCommand
{
    [Command("list", Description = "List what was handed in, the newest first: the run's own measures beside what the board said.")]
    public void List(
        [Argument(Description = "only of these runs: names, id prefixes or @1, @2, …; else of all", Name = "RUN")] string[]? run,
        CommonParameters common,
        [Option("board", Description = "only of this board", ValueName = "NAME")] string? board = null,
        [Option("format", Description = OutputFormats.ResultsDescription)] string? format = null)
    {
        var output = OutputFormats.ParseOfResults(format);
        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        var runs = new RunStore(lab).Runs();
        var all = Submission.Fold(new SubmissionStore(lab).Records());
        if (board is not null && all.All(s => s.Board != board))
            throw new UserError($"--board: nothing was handed in at '{board}'", SubmissionSummary.BoardsOf(all));
        var asked = run is { Length: > 0 } ? run.Select(r => RunSelector.Find(runs, r).Uid).ToHashSet() : null;

        // A run that is damaged was told of, and is in no listing.
        var byUid = runs.ToDictionary(r => r.Uid);
        SubmissionSummary.Write(
            [.. all.Where(s => byUid.ContainsKey(s.Run) && asked?.Contains(s.Run) != false && (board ?? s.Board) == s.Board)
                .Select(s => (s, byUid[s.Run]))],
            RunSelector.PrefixLength(runs), output);
        if (all.Count == 0) Talk.Note("nothing was recorded yet: rlab submission add RUN --board NAME");
    }
}
