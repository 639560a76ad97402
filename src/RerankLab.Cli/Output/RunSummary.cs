using System.Text.Json.Nodes;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>The outcome of <c>rlab run</c>.</summary>
static class RunSummary
{
    public static void Write(RunReport report, string lab, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json: Listing.WriteJson(Json(report)); break;
            case OutputFormat.Tsv: WriteTsv(Json(report)); break;
            case OutputFormat.Table: WriteTable(report, lab); break;
        }
    }

    /// <summary>The sentence on what a mean is over.</summary>
    public static string Describe(EvaluationCoverage coverage) =>
        $"mean over {coverage.Queries} judged queries, {coverage.WithoutResults} of them without results" +
        (coverage.WithoutResults == 0 ? "" : coverage.Missing == MissingQueries.Drop ? " (dropped)" : " (counted 0)") +
        (coverage.WithoutRelevant > 0 ? $", {coverage.WithoutRelevant} without relevant documents" : "") +
        (coverage.WithoutQrels > 0 ? $"; {coverage.WithoutQrels} ranked queries without qrels are not counted" : "") +
        $"; unjudged@{coverage.JudgedCutoff} {coverage.UnjudgedShare:P1}" +
        (coverage.ChangedByTies > 0 ? $"; ties can change values of {coverage.ChangedByTies} queries" : "");

    /// <summary>Coverage as JSON.</summary>
    public static JsonObject Json(EvaluationCoverage coverage) => new()
    {
        ["judged_queries"] = coverage.Queries,
        ["queries_without_results"] = coverage.WithoutResults,
        ["missing"] = EvaluationOptions.NameOf(coverage.Missing),
        ["queries_without_relevant"] = coverage.WithoutRelevant,
        ["queries_without_qrels"] = coverage.WithoutQrels,
        [$"unjudged@{coverage.JudgedCutoff}"] = coverage.UnjudgedShare,
        ["queries_changed_by_ties"] = coverage.ChangedByTies,
    };

    /// <summary>A value for a table: counts are whole numbers.</summary>
    public static object Cell(Measure measure, double value) =>
        measure.IsSum && double.IsInteger(value) ? (object)(long)value : value;

    static JsonObject Json(RunReport report)
    {
        var (record, counts) = (report.Record, report.Record.Counts);
        var coverage = report.Evaluation is null ? [] : Json(report.Evaluation.Coverage);
        coverage["pairs_missing"] = report.PairsMissing;
        coverage["pairs_bad"] = report.PairsBad;
        coverage["truncated"] = counts.Truncated;
        return new JsonObject
        {
            ["run"] = record.Uid,
            ["name"] = record.Name,
            ["status"] = record.Status.ToString().ToLowerInvariant(),
            ["depth"] = record.Depth,
            ["queries"] = counts.Queries,
            ["pairs"] = counts.Pairs,
            ["unique_pairs"] = counts.UniquePairs,
            ["hits"] = counts.Hits,
            ["misses"] = counts.Misses,
            ["scored"] = counts.Scored,
            ["truncated"] = counts.Truncated,
            ["tokens"] = counts.Tokens,
            ["padded_tokens"] = counts.PaddedTokens,
            ["seconds"] = new JsonObject(record.Seconds.Select(s => KeyValuePair.Create(s.Key, Listing.Node(Math.Round(s.Value, 6))))),
            ["cost"] = record.Cost,
            ["currency"] = record.Currency,
            ["device"] = record.Device,
            ["scorer"] = record.ScorerFingerprint,
            ["approximate"] = WhyApproximate(record),
            ["measures"] = Means(report.Evaluation),
            ["first_stage"] = Means(report.FirstStage),
            ["coverage"] = coverage,
        };
    }

    /// <summary>Why scores are approximate, for those of a scorer whose scores depend on the batch; else null.</summary>
    static string? WhyApproximate(RunRecord record) => (string?)JsonNode.Parse(record.Setup)!["scorer"]!["approximate"];

    static JsonObject Means(Evaluation? evaluation) =>
        new(evaluation?.Measures.Select(m => KeyValuePair.Create(m.ToString(), Listing.Node(evaluation.Overall(m)))) ?? []);

    static void WriteTsv(JsonObject json)
    {
        var listing = new Listing("key", "value");
        foreach (var (key, value) in json)
            if (value is JsonObject group)
                foreach (var (name, inner) in group) listing.Add($"{key}.{name}", inner?.ToString());
            else
                listing.Add(key, value?.ToString());
        listing.WriteTsv();
    }

    static void WriteTable(RunReport report, string lab)
    {
        var (record, counts, console) = (report.Record, report.Record.Counts, Terminal.Out);
        console.MarkupLineInterpolated($"[bold]{record.Name}[/]  run {record.Uid}  {record.Status.ToString().ToLowerInvariant()} at depth {record.Depth}");
        console.WriteLine($"{counts.Queries} queries, {counts.Pairs} pairs ({counts.UniquePairs} distinct): " +
            $"{counts.Hits} hits, {counts.Misses} misses, {counts.Scored} scored now");
        if (report.Evaluation is { } evaluation)
        {
            WriteMeasures(evaluation, report.FirstStage);
            console.MarkupLineInterpolated($"{Describe(evaluation.Coverage)}");
        }
        console.MarkupLineInterpolated($"{report.PairsMissing} pairs missing{(report.PairsBad > 0 ? $" ({report.PairsBad} bad)" : "")}, {counts.Truncated} truncated");
        if (counts.Scored > 0)
            console.MarkupLineInterpolated(
                $"{counts.Tokens} tokens on {record.Device}, {1 - (double)counts.Tokens / Math.Max(1, counts.PaddedTokens):P1} padding");
        var stages = string.Join(", ", record.Seconds.SkipLast(1).Where(s => s.Value >= 0.005).Select(s => $"{s.Key} {s.Value:0.00}"));
        console.MarkupLineInterpolated($"{record.Seconds[^1].Value:0.00} s ({stages})");
        if (WhyApproximate(record) is { } why)
            console.MarkupLineInterpolated($"approximate ({why}): scored again, in other batches, a score can differ a little");
        if (record.Cost is { } cost) console.MarkupLineInterpolated($"cost {cost:0.0000} {record.Currency}");
        console.MarkupLineInterpolated($"recorded in {lab}");
    }

    static void WriteMeasures(Evaluation evaluation, Evaluation? firstStage)
    {
        var listing = firstStage is null ? new Listing("measure", "value") : new Listing("measure", "first stage", "re-ranked", "change");
        foreach (var measure in evaluation.Measures)
        {
            double value = evaluation.Overall(measure);
            if (firstStage is null)
            {
                listing.Add(measure.ToString(), Cell(measure, value));
                continue;
            }
            double before = firstStage.Overall(measure);
            listing.Add(measure.ToString(), Cell(measure, before), Cell(measure, value), Cell(measure, value - before));
        }
        listing.WriteTable();
    }
}
