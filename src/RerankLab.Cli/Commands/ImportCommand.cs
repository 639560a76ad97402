using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class ImportCommand
{
    [Command("import", Description = "Make a run of a TREC run file from elsewhere (BM25, another tool), to compare with.")]
    public void Import(
        [Argument(Description = "the TREC run file, plain or compressed; - for standard input", Name = "FILE")] string file,
        CommonParameters common,
        [Option("name", Description = "the run's name; else the file's", ValueName = "NAME")] string? name = null,
        [Option("candidates", ValueName = "EXPERIMENT.yaml",
            Description = "an experiment to whose candidates the run is confined; gives texts and qrels too")] string? candidates = null,
        [Option("qrels", Description = "TREC or BEIR qrels", ValueName = "FILE")] string? qrelsFile = null,
        [Option('m', Description = "what to measure; repeats", ValueName = "MEASURE")] string[]? measure = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var problems = new Problems();
        var spec = candidates is null ? null : ExperimentFile.Read(DataFile.FromCommandLine(candidates), [], problems);
        using var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        var qrels = qrelsFile is null ? null : QrelsFile.Read(DataFile.FromCommandLine(qrelsFile), problems);
        var run = TrecRun.Read(DataFile.FromCommandLine(file), problems);
        problems.ThrowIfAny();

        using var lab = LabFile.OpenForWriting(common.LabPath(spec), Talk.Note);
        var measures = measure is { Length: > 0 } ? MeasureOptions.Parse(measure) : spec?.Measures ?? Measure.Defaults;
        var import = RunImport.Of(name ?? NameOf(file), run, dataset,
            spec is null ? "" : Path.GetRelativePath(lab.Folder, spec.File.FullPath).Replace('\\', '/'), spec?.Text ?? "", qrels, measures);
        foreach (var note in import.Notes) Talk.Note(note);
        new RunStore(lab).Save(import.Record, import.Scorer, import.Data, import.Evaluation);

        var listing = new Listing(["run", "name", "queries", "documents", .. import.Record.Measures.Select(m => m.Key)]);
        listing.Add([import.Record.Uid, import.Record.Name, import.Record.Counts.Queries, import.Record.Counts.Pairs,
            .. import.Record.Measures.Select(m => (object)m.Value)]);
        listing.Write(output);
        if (import.Evaluation is not null) Talk.Note(RunSummary.Describe(import.Evaluation.Coverage));
    }

    /// <summary>The file's name without the endings that say what it is.</summary>
    static string NameOf(string file)
    {
        if (file == "-") throw new UserError("a run from standard input needs a name", "add --name NAME");
        var name = Path.GetFileName(file);
        while (Path.GetExtension(name) is ".gz" or ".zst" or ".trec" or ".run" or ".txt") name = Path.GetFileNameWithoutExtension(name);
        return name;
    }
}
