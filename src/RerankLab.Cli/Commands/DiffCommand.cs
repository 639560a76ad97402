using System.Text.Json.Nodes;
using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Comparison;
using RerankLab.Core.Runs;
using RerankLab.Store;
using Spectre.Console;

namespace RerankLab.Cli.Commands;

sealed class DiffCommand
{
    [Command("diff", Description = "Compare runs with the first one: what changed in the set-up, what moved in the measures.")]
    public void Diff(
        [Argument(Description = "names, id prefixes or @1, @2, …; the first is the baseline", Name = "RUN")] string[] run,
        CommonParameters common,
        [Option('m', Description = "measures, instead of the baseline's; repeats", ValueName = "MEASURE")] string[]? measure = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (run.Length < 2) throw new UserError("rlab diff needs at least two runs", "rlab runs lists them; for example: rlab diff @2 @1");
        var measures = measure is { Length: > 0 } ? MeasureOptions.Parse(measure) : null;

        using var lab = LabFile.OpenForReading(common.LabPath());
        var store = new RunStore(lab);
        var all = store.Runs();
        var records = run.Select(r => RunSelector.Find(all, r)).ToList();
        var labels = RunLabels.Of(records, all);

        var baselineData = store.Load(records[0]);
        measures ??= RecordedEvaluation.MeasuresOf(records[0]);
        var baseline = (records[0], RecordedEvaluation.Of(records[0], baselineData, null, measures));
        var comparisons = records.Skip(1)
            .Select(r => RunComparison.Of(baseline, (r, RecordedEvaluation.Of(r, store.Load(r), baselineData.Qrels, measures)))).ToList();
        Write(comparisons, labels, output);
        Talk.Note($"{labels[0]}: {RunSummary.Describe(baseline.Item2.Coverage)}");
    }

    static void Write(List<RunComparison> comparisons, string[] labels, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            Listing.WriteJson(new JsonObject
            {
                ["baseline"] = new JsonObject { ["run"] = labels[0], ["uid"] = comparisons[0].Baseline.Uid },
                ["runs"] = new JsonArray([.. comparisons.Select((c, i) => Json(c, labels[i + 1]))]),
            });
            return;
        }
        if (format == OutputFormat.Tsv)
        {
            Measures(comparisons, labels, forPeople: false).WriteTsv();
            foreach (var reservation in comparisons.SelectMany(c => c.Reservations).Distinct()) Talk.Note(reservation);
            return;
        }
        foreach (var (comparison, label) in comparisons.Zip(labels.Skip(1)))
        {
            Terminal.Out.WriteLine(comparison.Setup.Count == 0
                ? $"{labels[0]} and {label} have the same set-up."
                : $"What differs in the set-up of {labels[0]} and {label}:");
            if (comparison.Setup.Count > 0) Setup(comparison, labels[0], label).WriteTable();
            Terminal.Out.WriteLine(comparison.ScoresShared ? "Both take their scores from one scorer." : "Their scorers differ: they share no scores.");
            foreach (var reservation in comparison.Reservations) Terminal.Out.WriteLine($"Mind: {reservation}; no p-values are given.");
            Terminal.Out.WriteLine();
        }
        Terminal.Out.WriteLine($"Measures, against {labels[0]} (p: two-sided paired t-test, not corrected for the number of tests):");
        Measures(comparisons, labels, forPeople: true).WriteTable();
    }

    static Listing Setup(RunComparison comparison, string baseline, string label)
    {
        var listing = new Listing("key", baseline, label);
        foreach (var (key, a, b) in comparison.Setup) listing.Add(key, Short(a), Short(b));
        return listing;
    }

    static Listing Measures(List<RunComparison> comparisons, string[] labels, bool forPeople)
    {
        var listing = new Listing("measure", "run", "baseline", "value", "difference", "relative", "wins", "ties", "losses", "p");
        for (int i = 0; i < comparisons.Count; i++)
            foreach (var m in comparisons[i].Measures)
                listing.Add(m.Measure.ToString(), labels[i + 1], m.Baseline, m.Run, m.Difference,
                    forPeople ? m.Relative?.ToString("+0.0%;-0.0%;0.0%") : m.Relative, m.Wins, m.Ties, m.Losses,
                    forPeople && m.PValue < 0.0001 ? "<0.0001" : m.PValue);
        return listing;
    }

    static JsonObject Json(RunComparison comparison, string label) => new()
    {
        ["run"] = label,
        ["uid"] = comparison.Run.Uid,
        ["setup"] = new JsonArray([.. comparison.Setup.Select(d => new JsonObject { ["key"] = d.Key, ["baseline"] = d.Baseline, ["value"] = d.Run })]),
        ["scores_shared"] = comparison.ScoresShared,
        ["reservations"] = new JsonArray([.. comparison.Reservations.Select(r => JsonValue.Create(r))]),
        ["measures"] = new JsonArray([.. comparison.Measures.Select(m => new JsonObject
        {
            ["measure"] = m.Measure.ToString(),
            ["baseline"] = m.Baseline,
            ["value"] = m.Run,
            ["difference"] = m.Difference,
            ["relative"] = m.Relative,
            ["wins"] = m.Wins,
            ["ties"] = m.Ties,
            ["losses"] = m.Losses,
            ["p"] = m.PValue,
        })]),
    };

    static string Short(string value) => value.Length == 64 ? value[..12] + "…" : value;
}
