using System.Globalization;
using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CachePruneCommand
{
    [Command("prune", Description = "Delete scores that meet every condition given; recorded runs stay what they are.")]
    public void Prune(
        CommonParameters common,
        [Option("scorer", Description = "of the scorers of this name, or whose fingerprint begins so", ValueName = "NAME|PREFIX")]
            string? scorer = null,
        [Option("session", Description = "of the session whose id begins so", ValueName = "ID")] string? session = null,
        [Option("older-than", Description = "of sessions that began so many days ago (90d) or before a day (2026-01-31)", ValueName = "AGE")]
            string? olderThan = null,
        [Option("damaged", Description = "only those that do not agree with their check value")] bool damaged = false,
        [Option("even-used", Description = "also those of pairs that recorded runs rank; the runs keep their own logits")]
            bool evenUsed = false,
        [Option("dry-run", Description = "say what would go, and change nothing")] bool dryRun = false,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (scorer is null && session is null && olderThan is null && !damaged)
            throw new UserError("nothing says which scores shall go",
                "give --scorer, --session, --older-than or --damaged; --dry-run shows what they would do");
        if (scorer is "" || session is "")
            throw new UserError($"--{(scorer is "" ? "scorer" : "session")}: expected a name or an id, found nothing");
        var spec = new PruningSpec(scorer, session, olderThan is null ? null : ParseAge(olderThan), damaged, evenUsed);
        using var lab = LabFile.OpenExistingForWriting(common.LabPath(), Talk.Note);
        var report = Pruning.Run(lab, spec, dryRun);

        var listing = new Listing("deleted", "spared", "scorers", "sessions", "left");
        listing.Add(report.Deleted, report.Spared, report.Scorers, report.Sessions, report.Left);
        listing.Write(output);
        if (report.Spared > 0)
            Talk.Note($"scores that recorded runs rank by, and that stay: {report.Spared}; --even-used deletes them too");
        if (dryRun) Talk.Note("a dry run: nothing was changed");
        else if (report.Deleted > 0) Talk.Note("rlab cache compact gives the room back");
    }

    static DateTimeOffset ParseAge(string text)
    {
        if (text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days < 365_000)
            return DateTimeOffset.UtcNow.AddDays(-days);
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day))
            return day;
        throw new UserError($"--older-than: expected days such as 90d or a day such as 2026-01-31, found '{text}'");
    }
}
