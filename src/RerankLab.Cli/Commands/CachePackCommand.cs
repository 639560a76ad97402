using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Scoring;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CachePackCommand
{
    [Command("pack", Description =
        "Make a small lab file of one experiment, for a machine without its files: rlab run FILE there, rlab cache merge FILE back here.")]
    public void Pack(
        [Argument(Description = "the experiment file", Name = "EXPERIMENT.yaml")] string experiment,
        CommonParameters common,
        [Option('o', Description = "the file to make", ValueName = "FILE")] string output,
        [Option("with-texts", Description = "put in the texts of the pairs that have no score: without them nothing new can be scored")]
            bool withTexts = false,
        [Option("set", Description = "override a key of the experiment, e.g. scorer.max_length=256", ValueName = "KEY=VALUE")]
            string[]? overrides = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var listingFormat = OutputFormats.Parse(format);
        using var read = Experiment.Read(DataFile.FromCommandLine(experiment), overrides ?? [], FileHashes.OfThisMachine(), new Stages());
        foreach (var note in read.Dataset.Notes) Talk.Note(note);
        var labPath = common.LabPath(read.Spec);
        using var lab = File.Exists(labPath) ? LabFile.OpenForReading(labPath, Talk.Note) : LabFile.OpenForWriting(labPath, Talk.Note);
        var scorer = read.Model?.Identity ?? ScorerResolver.FindRemembered(read.Spec.Scorer, new ScoreCache(lab));
        var report = JobFile.Write(output, read, scorer, lab, withTexts, Talk.Note);

        var listing = new Listing("job", "pairs", "cached", "to_score", "texts", "bytes");
        listing.Add(output, report.Pairs, report.Cached, report.Pairs - report.Cached, report.Texts, report.Bytes);
        listing.Write(listingFormat);
        if (!withTexts && report.Cached < report.Pairs)
            Talk.Note($"{report.Pairs - report.Cached} pairs have no score yet, and their texts are not in {output}: " +
                "--with-texts puts them in");
        if (withTexts && report.Texts > 0) Talk.Note($"{output} holds texts of your data: rlab cache merge does not carry them over");
    }
}
