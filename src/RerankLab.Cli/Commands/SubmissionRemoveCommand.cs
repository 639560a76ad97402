using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class SubmissionRemoveCommand
{
    [Command("rm", Description = "Delete all that was recorded of a run on a board, e.g. where the board's name was mistyped.")]
    public void Remove(
        [Argument(Description = "a run's name, id prefix or @1 (the latest), @2, …", Name = "RUN")] string run,
        CommonParameters common,
        [Option("board", Description = "the board", ValueName = "NAME")] string board)
    {
        using var lab = LabFile.OpenExistingForWriting(common.LabPath(), Talk.Note);
        var record = RunSelector.Find(new RunStore(lab).Runs(), run);
        var store = new SubmissionStore(lab);
        int removed = store.Remove(record.Uid, board);
        if (removed == 0)
            throw new UserError($"run '{record.Name}' ({record.Uid}) was not handed in at '{board}'",
                SubmissionSummary.BoardsOf(Submission.Fold(store.Records().Where(s => s.Run == record.Uid))));
        Talk.Note($"deleted what was recorded of '{record.Name}' ({record.Uid}) at {board} (records: {removed}); " +
            "merging a lab file that still has them brings them back");
    }
}
