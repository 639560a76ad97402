using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Scoring;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheImportCommand
{
    [Command("import", Description =
        "Take over scores that a script kept as JSON, {md5: score}, under a name: experiments use them by scorer: {declared: NAME}.")]
    public void Import(
        [Argument(Description = "the JSON file; - for standard input", Name = "FILE")] string file,
        [Argument(Description = "an experiment file, whose texts tell which key is which pair", Name = "EXPERIMENT.yaml")]
            string experiment,
        CommonParameters common,
        [Option("as", Description = "the name of the scores", ValueName = "NAME")] string name,
        [Option("inverse-sigmoid", Description = "the values are sigmoids (0 to 1): turn them into logits")] bool inverseSigmoid = false,
        [Option("set", Description = "override a key of the experiment", ValueName = "KEY=VALUE")] string[]? overrides = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (string.IsNullOrWhiteSpace(name)) throw new UserError("--as: expected a name, found nothing");
        var problems = new Problems();
        var spec = ExperimentFile.Read(DataFile.FromCommandLine(experiment), overrides ?? [], problems);
        using var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        var scores = ScoreFile.Read(DataFile.FromCommandLine(file), inverseSigmoid, problems);
        problems.ThrowIfAny();

        using var lab = LabFile.OpenForWriting(common.LabPath(spec), Talk.Note);
        var scorer = ScorerIdentity.OfDeclared(name, inverseSigmoid ? ScorerIdentity.LogitScale : ScoreImport.ScaleAsImported);
        var import = ScoreImport.Of(scores, dataset!, scorer, new ScoreCache(lab));

        var listing = new Listing(
            "name", "scorer", "keys", "pairs", "added", "there_already", "differing", "missing", "unused_keys", "saturated");
        listing.Add(name, scorer.Fingerprint, scores.Scores.Count, import.Pairs, import.Added, import.Known, import.Differing,
            import.Missing, import.Unused, scores.Saturated);
        listing.Write(output);
        WriteNotes(scores, import, inverseSigmoid);
    }

    static void WriteNotes(ScoreFile scores, ScoreImport import, bool inverseSigmoid)
    {
        if (import.Unused > 0) Talk.Note($"keys that no pair of the experiment has, left out: {import.Unused}");
        if (import.Missing > 0) Talk.Note($"pairs of the experiment without a score: {import.Missing} of {import.Pairs}");
        if (import.Differing > 0) Talk.Note($"pairs that have another score already, which stays: {import.Differing}");
        if (import.Shared > 0)
            Talk.Note($"keys that two pairs share (their texts joined by _ are equal): {import.Shared}; both have the score now");
        if (scores.Rounded > 0) Talk.Note($"values that were rounded to float32: {scores.Rounded}");
        if (scores.Saturated > 0)
            Talk.Note($"values of exactly 0 or 1, whose logits are lost: {scores.Saturated}; " +
                $"1 is taken for the logit {ScoreFile.LogitOfOne}, 0 for {ScoreFile.LogitOfZero}: " +
                "they rank above and below all others, and tie among themselves");
        if (!inverseSigmoid)
            Talk.Note("the values are kept as they are; if they are sigmoids, give the experiment ranking: { activation: none }, " +
                "or import them with --inverse-sigmoid");
    }
}
