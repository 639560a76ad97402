using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Diagnosis;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class DoctorCommand
{
    [Command("doctor", Description = "Check this machine, the lab file, an experiment or a model; say what to do about what is wrong.")]
    public int Doctor(
        CommonParameters common,
        ModelParameters parameters,
        [Argument(Description = "an experiment: its data, and its model", Name = "EXPERIMENT.yaml")] string? experiment = null,
        [Option("model", Description = "a model folder, where there is no experiment", ValueName = "DIR")] string? model = null,
        [Option("device", Description = $"{ExecutionDevice.Forms}; else the experiment's", ValueName = "DEVICE")] string? device = null,
        [Option("set", Description = "override a key of the experiment", ValueName = "KEY=VALUE")] string[]? overrides = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (experiment is not null && (model is not null || parameters.AreGiven))
            throw new UserError("an experiment names its model itself", "change it with --set, e.g. --set scorer.max_length=256");
        if (model is null && parameters.AreGiven)
            throw new UserError("--precision, --max-length and --truncation are of a model", "name its folder with --model");
        if (experiment is null && overrides is not null)
            throw new UserError("--set overrides a key of an experiment", "name the experiment file");

        if (experiment is not null && JobFile.IsDatabase(DataFile.FromCommandLine(experiment)))
            throw new UserError($"{experiment}: expected an experiment file, found a lab file",
                $"rlab doctor --lab {experiment} --model DIR checks a job, and the model that it is to run with");

        var read = experiment is null ? null : ExperimentCheck.Read(DataFile.FromCommandLine(experiment), overrides ?? []);
        var (scorer, lab) = (model is null ? read?.Spec?.Scorer : parameters.SpecOf(model), common.LabPath(read?.Spec));
        var execution = read?.Spec?.Execution ?? new ExecutionSpec(ExecutionDevice.Auto);
        if (device is not null)
            execution = execution with
            {
                Device = ExecutionDevice.TryParse(device)
                    ?? throw new UserError($"--device: expected {ExecutionDevice.Forms}, found '{device}'"),
            };
        var (report, absence) = Inspect(scorer, isNeeded: model is not null);

        long weights = report?.WeightBytes ?? 0;
        List<Finding> findings =
        [
            .. Software.Check(), MachineMemory.Read().Check(weights),
            DiskSpace.OfLabFile(lab), DiskSpace.OfCache(FileHashes.FolderOfThisMachine),
            .. LabFileCheck.Of(lab), .. read?.Findings ?? [],
        ];
        List<Finding> providers = [.. Providers.Check(execution, weights)];
        findings.AddRange([.. providers, .. absence, .. report is null ? [] : ModelCheck.Of(report)]);
        if (report?.Model is { } whole && providers.All(f => f.Severity != Severity.Problem))
        {
            Talk.Note($"loading {report.Spec.Model.Shown} and scoring a handful of pairs");
            findings.AddRange(ModelCheck.Try(whole, execution, read?.Spec?.Batching ?? new ScoringOptions()));
        }
        FindingsSummary.Write(findings, output);
        return FindingsSummary.Verdict(findings, "this machine is not ready");
    }

    /// <summary>What the model folder holds; where it is not here, what that means. Declared scores have no model.</summary>
    static (ModelReport? Report, IEnumerable<Finding> Absence) Inspect(ScorerSpec? scorer, bool isNeeded)
    {
        if (scorer is null or { Declared: not null }) return (null, []);
        if (!isNeeded && !Directory.Exists(scorer.Model.FullPath))
            return (null, [Finding.Warning(ModelReport.Check,
                $"{scorer.Model.Shown} is not on this machine: only pairs that the lab file knows can be ranked",
                "bring the model folder here, if new pairs shall be scored")]);
        try
        {
            return (ModelReport.Read(scorer, FileHashes.OfThisMachine()), []);
        }
        catch (UserError e)
        {
            return (null, Finding.Of(ModelReport.Check, e));
        }
    }
}
