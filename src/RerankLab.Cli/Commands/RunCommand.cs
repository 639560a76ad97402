using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class RunCommand
{
    [Command("run", Description = "Run an experiment: score what is new, rank, evaluate, record.")]
    public int Run(
        [Argument(Description = "the experiment file, or a job made by rlab cache pack", Name = "EXPERIMENT.yaml")]
            string experiment,
        CommonParameters common,
        [Option("set", Description = "override a key of the experiment, e.g. scorer.max_length=256", ValueName = "KEY=VALUE")] string[]? overrides = null,
        [Option("budget", Description = "stop after this time, e.g. 12m or 1h30m, and record what was reached", ValueName = "TIME")] string? time = null,
        [Option("max-cost", Description = "the same by cost.price_per_hour, e.g. 3.00", ValueName = "AMOUNT")] string? cost = null,
        [Option("skip-bad", Description = "leave out pairs that the model gives NaN or infinity, instead of stopping")] bool skipBad = false,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var stages = new Stages();
        var file = DataFile.FromCommandLine(experiment);
        bool isJob = JobFile.IsDatabase(file);
        if (isJob && common.Lab is not null)
            throw new UserError("--lab: a job's scores and run go into the job file itself", "leave --lab out");
        using var read = isJob
            ? stages.Time("read", () => JobFile.Read(experiment, Talk.Note)).Open(file, overrides ?? [], FileHashes.OfThisMachine(), stages)
            : Experiment.Read(file, overrides ?? [], FileHashes.OfThisMachine(), stages);
        var labPath = isJob ? experiment : common.LabPath(read.Spec);
        if (read.Model is null && !File.Exists(labPath))
        {
            int pairs = read.Dataset.Candidates.Sum(c => c.Documents.Length);
            throw ScorerResolver.ModelIsAbsent(read.Spec.Scorer, pairs, pairs);
        }

        var budget = Budget.Parse(time, cost, read.Spec.Cost);
        using var interruption = new Interruption();
        if (budget is not null) interruption.After(budget.Time - stages.Elapsed);
        using var lab = LabFile.OpenForWriting(labPath, Talk.Note);
        var (cache, runs) = (new ScoreCache(lab), new RunStore(lab));
        try
        {
            var report = Talk.WithProgress(observer => new ExperimentRunner(cache, runs, lab.Folder, observer)
                .Run(read, skipBad, stages, interruption.Token));
            RunSummary.Write(report, labPath, output);
            if (report.Record.Status == RunStatus.Partial) Talk.Note($"stopped early{WhyStopped()}: the same command goes on from here");
            return report.Record.Status == RunStatus.Complete ? 0 : interruption.ExitCode;
        }
        catch (OperationCanceledException)
        {
            Talk.Note($"stopped before every query had a score{WhyStopped()}: what was scored is kept, and the same command goes on from there");
            return interruption.ExitCode;
        }

        string WhyStopped() => budget?.Time <= stages.Elapsed ? $" ({budget.Shown} is spent)" : "";
    }
}
