using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheCheckCommand
{
    [Command("check", Description = "Look through the whole lab file for damage; changes nothing.")]
    public int Check(CommonParameters common, [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var path = common.LabPath();
        using var lab = LabFile.OpenForReading(path, Talk.Note);
        var findings = new IntegrityCheck(lab).Run();

        var listing = new Listing("check", "result", "count", "example");
        foreach (var f in findings) listing.Add(f.Check, f.Kind.ToString().ToLowerInvariant(), f.Count, f.Example);
        listing.Write(output);
        var damages = findings.Where(f => f.Kind == IntegrityResult.Damage).ToList();
        if (damages.Count == 0) return 0;

        foreach (var damage in damages) Talk.Failure($"{damage.Check}: {damage.Count}, e.g. {damage.Example}");
        Talk.Note("a good copy of the file, if there is one, is the best remedy: keep this one and take that");
        Talk.Note("damaged scores count as missing and are scored again by rlab run; " +
            "rlab cache prune --damaged deletes those that no experiment asks for");
        Talk.Note("where pages or indices are damaged, SQLite's own tool saves what it can into a new file: " +
            $"sqlite3 {path} .recover | sqlite3 recovered.db " +
            "(then rlab cache check --lab recovered.db)");
        return ExitCodes.GateFailed;
    }
}
