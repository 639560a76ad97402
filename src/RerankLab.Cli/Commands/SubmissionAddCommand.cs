using System.Globalization;
using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class SubmissionAddCommand
{
    static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    [Command("add", Description = "Record that a run was handed in at a board, and what the board said, now or later.")]
    public void Add(
        [Argument(Description = "a run's name, id prefix or @1 (the latest), @2, …", Name = "RUN")] string run,
        CommonParameters common,
        [Option("board", Description = "where it was handed in: Kaggle, Tianchi, CodaBench, …", ValueName = "NAME")] string board,
        [Option("public", Description = "the public score", ValueName = "X")] string? publicScore = null,
        [Option("private", Description = "the private score", ValueName = "X")] string? privateScore = null,
        [Option("note", Description = "anything worth knowing; empty takes a note back", ValueName = "TEXT")] string? note = null,
        [Option("at", Description = "when it was handed in (default now): 2026-01-31, or 2026-01-31T14:05, UTC unless it says +08:00",
            ValueName = "DATE")] string? at = null)
    {
        var spec = new SubmissionSpec(board, at is null ? null : ParseTime(at), ParseScore("--public", publicScore),
            ParseScore("--private", privateScore), note);
        using var lab = LabFile.OpenExistingForWriting(common.LabPath(), Talk.Note);
        var record = RunSelector.Find(new RunStore(lab).Runs(), run);
        var store = new SubmissionStore(lab);
        var known = store.Records();
        var added = SubmissionRecord.Of(record.Uid, spec, known);
        store.Add(added);

        Talk.Note(SubmissionSummary.Describe(Submission.Fold([.. known, added]).First(s => s.Run == record.Uid && s.Board == added.Board),
            record));
        var others = known.Select(k => k.Board).Distinct().Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0 && !others.Contains(added.Board))
            Talk.Note($"'{added.Board}' is a new board in this lab file, beside {string.Join(", ", others)}");
    }

    static double? ParseScore(string option, string? text) =>
        text is null ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double score) ? score
        : throw new UserError($"{option}: expected a number such as 0.9312, found '{text}'");

    static DateTimeOffset ParseTime(string text) =>
        DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new UserError($"--at: expected a day such as 2026-01-31 or a time such as 2026-01-31T14:05, found '{text}'",
            "times are UTC unless they say otherwise: 2026-01-31T14:05+08:00");
}
