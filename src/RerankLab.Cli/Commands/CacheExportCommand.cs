using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Exporting;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheExportCommand
{
    [Command("export", Description = "Write cached scores as CSV, JSON lines, or a script's JSON cache, {md5: score}.")]
    public void Export(
        CommonParameters common,
        [Option("format", Description = "csv (the default), jsonl or article")] string format = "csv",
        [Option('o', Description = "the file to write; else, or for -, stdout", ValueName = "FILE")] string? output = null,
        [Option("scorer", Description = "the scorer of this name, or whose fingerprint begins so", ValueName = "NAME|PREFIX")]
            string? scorer = null,
        [Option("experiment", ValueName = "EXPERIMENT.yaml",
            Description = "only this experiment's pairs, by its scorer unless --scorer is given, with query and document ids")]
            string? experiment = null,
        [Option("raw", Description = "article: scores as they are kept, where it would write their sigmoid")] bool raw = false)
    {
        if (format is not ("csv" or "jsonl" or "article"))
            throw new UserError($"--format: expected csv, jsonl or article, found '{format}'");
        if (raw && format != "article")
            throw new UserError("--raw: csv and jsonl always have the scores as they are kept", "leave --raw out");
        var problems = new Problems();
        var spec = experiment is null ? null : ExperimentFile.Read(DataFile.FromCommandLine(experiment), [], problems);
        using var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        var model = spec is null || scorer is not null ? null : ScorerResolver.OpenModel(spec.Scorer, FileHashes.OfThisMachine(), problems);
        problems.ThrowIfAny();

        using var lab = LabFile.OpenForReading(common.LabPath(spec), Talk.Note);
        var listing = new ScoreListing(lab);
        var scorers = spec is null || scorer is not null ? listing.Scorers(scorer) : [model?.Identity ?? Remembered(spec, lab)];
        if (scorers.Count > 1 && (format == "article" || dataset is not null))
            throw new UserError($"the lab file has {scorers.Count} scorers that fit: " +
                string.Join("; ", scorers.Select(s => $"{s.ShortFingerprint} ({s.Name} {s.Precision})")),
                $"choose one, e.g. --scorer {scorers[0].ShortFingerprint}");
        var scores = dataset is null ? listing.Of(scorers) : listing.Of(scorers[0], dataset);
        var activation = !raw && scorers[0].GivesLogits ? Activation.Sigmoid : Activation.None;

        int written = OutputFile.Write(output is "-" ? null : output, to => format switch
        {
            "csv" => ScoreExport.WriteCsv(scores, dataset is not null, to),
            "jsonl" => ScoreExport.WriteJsonLines(scores, to),
            _ => ScoreExport.WriteScriptCache(scores, activation, to),
        });
        if (listing.Damaged > 0) Talk.Note($"scores that do not agree with their check value, left out: {listing.Damaged}");
        Talk.Note($"wrote {written} scores" + (output is null or "-" ? "" : $" to {output}") +
            (format != "article" ? "" : activation == Activation.None ? ", as they are kept" : ", as sigmoids"));
    }

    static ScorerIdentity Remembered(ExperimentSpec spec, LabFile lab) => ScorerResolver.FindRemembered(spec.Scorer, new ScoreCache(lab))
        ?? throw new UserError($"the lab file has no scores of this experiment's scorer, '{spec.Scorer.Name}'",
            "rlab cache stats lists those that it has");
}
