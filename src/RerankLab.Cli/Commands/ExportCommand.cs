using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Exporting;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class ExportCommand
{
    [Command("export", Description = "Write a run's ranking: as a TREC run, a submission, JSON lines or CSV.")]
    public void Export(
        CommonParameters common,
        [Argument(Description = "a run's name, id prefix or @1 (the latest, the default), @2, …", Name = "RUN")] string run = "@1",
        [Option("format", Description = "trec (raw logits), submission (JSON with the activation applied), jsonl or csv")] string format = "trec",
        [Option('o', Description = "the file to write; else stdout", ValueName = "FILE")] string? output = null,
        [Option("experiment", Description = "the experiment file whose texts to use; else the one recorded", ValueName = "FILE")] string? experiment = null)
    {
        if (!ExportedRun.Formats.TryGetValue(format, out var write))
            throw new UserError($"--format: expected {string.Join(", ", ExportedRun.Formats.Keys)}, found '{format}'");

        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        var store = new RunStore(lab);
        var record = RunSelector.Find(store.Runs(), run);
        var data = store.Load(record);
        var texts = new Lazy<string[]>(() => QueryTexts.Of(record, data,
            experiment is not null ? DataFile.FromCommandLine(experiment) : TextsAtHand.ExperimentOf(lab, record)));
        var exported = new ExportedRun(record.Name, RunSetup.ActivationOf(record.Setup), data.Logits is not null,
            [.. data.Rankings(record.Depth)], q => texts.Value[q]);

        if (record.Status == RunStatus.Partial) Talk.Note($"this run is partial: exported at depth {record.Depth}");
        OutputFile.Write(output, to =>
        {
            write(exported, to);
            return exported.Rankings.Count;
        });
        if (output is null) return;
        Talk.Note($"wrote {exported.Rankings.Count} queries to {output}");
    }
}
