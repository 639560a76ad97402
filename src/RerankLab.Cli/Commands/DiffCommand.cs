using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Comparison;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class DiffCommand
{
    [Command("diff", Description = "Compare runs with the first one: what changed, whether it is real, and on which queries.")]
    public int Diff(
        [Argument(Description = "names, id prefixes or @1, @2, …; the first is the baseline", Name = "RUN")] string[] run,
        CommonParameters common,
        [Option('m', Description = "measures, instead of the baseline's; repeats", ValueName = "MEASURE")] string[]? measure = null,
        [Option("moved", Description = "how many queries to show that gained most and that lost most on the first measure")] int moved = 5,
        [Option("fail-if", ValueName = "CONDITION",
            Description = "exit with 2 where a run's difference meets this, e.g. \"nDCG@10 < -0.005\"; repeats")] string[]? failIf = null,
        [Option("format", Description = OutputFormats.ResultsDescription)] string? format = null)
    {
        var output = OutputFormats.ParseOfResults(format);
        if (run.Length < 2) throw new UserError("rlab diff needs at least two runs", "rlab runs lists them; for example: rlab diff @2 @1");
        if (moved < 0) throw new UserError($"--moved: expected 0 or more, found {moved}");
        var asked = measure is { Length: > 0 } ? MeasureOptions.Parse(measure) : null;
        var gate = OptionValues.Parse("--fail-if: ", failIf ?? [], GateCondition.Parse);

        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        var store = new RunStore(lab);
        var all = store.Runs();
        var records = run.Select(r => RunSelector.Find(all, r)).ToList();
        var labels = RunLabels.Of(records, all);
        var measures = (asked ?? RecordedEvaluation.MeasuresOf(records[0])).Union(gate.Select(c => c.Measure)).ToList();

        var report = DiffReport.Of(records.Select(r => (r, store.Load(r))), measures, moved);
        using var texts = new TextsAtHand(lab);
        new DiffSummary(report, labels, texts).Write(output);
        Talk.Note($"{labels[0]}: {RunSummary.Describe(report.Baseline.Evaluation.Coverage)}");
        return Passes(report, labels, gate) ? 0 : ExitCodes.GateFailed;
    }

    static bool Passes(DiffReport report, string[] labels, IReadOnlyList<GateCondition> gate)
    {
        var failures = (from compared in report.Comparisons.Index()
                        from condition in gate
                        let difference = compared.Item.Measures.First(m => m.Measure == condition.Measure).Difference
                        where condition.IsMetBy(difference)
                        select $"{labels[compared.Index + 1]}: {condition.Measure} differs from {labels[0]}'s by {difference} " +
                               $"(--fail-if \"{condition}\")").ToList();
        foreach (var failure in failures) Talk.Failure(failure);
        return failures.Count == 0;
    }
}
