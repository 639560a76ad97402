using System.Text.Json.Nodes;
using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class EvalCommand
{
    [Command("eval", Description = "Measure recorded runs, or a TREC run file.")]
    public void Eval(
        [Argument(Description = "a run's name, id prefix or @1 (the latest, the default), @2, …", Name = "RUN")] string[]? run,
        CommonParameters common,
        [Option('m', Description = "e.g. nDCG@10, RR@10, AP, P@5, R@100, Success@1; repeats", ValueName = "MEASURE")] string[]? measure = null,
        [Option("by-query", Description = "a value for each query")] bool byQuery = false,
        [Option("qrels", Description = "TREC or BEIR qrels, instead of the run's own", ValueName = "FILE")] string? qrelsFile = null,
        [Option("run-file", Description = "a TREC run file, instead of recorded runs; needs --qrels", ValueName = "FILE")] string? runFile = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var measures = measure is { Length: > 0 } ? MeasureOptions.Parse(measure) : null;
        var qrels = qrelsFile is null ? null : ReadQrels(qrelsFile);
        var evaluated = runFile is null
            ? EvaluateRecorded(common.LabPath(), run is { Length: > 0 } ? run : ["@1"], qrels, measures)
            : run is { Length: > 0 } ? throw new UserError("give either runs or --run-file, not both")
            : [EvaluateFile(runFile, qrels ?? throw new UserError("--run-file needs --qrels FILE"), measures)];
        Write(evaluated, byQuery, output);
    }

    sealed record Evaluated(string Label, string? Uid, Evaluation Evaluation);

    static List<Evaluated> EvaluateRecorded(string labPath, string[] selectors, Qrels? qrels, IReadOnlyList<Measure>? measures)
    {
        using var lab = LabFile.OpenForReading(labPath);
        var store = new RunStore(lab);
        var all = store.Runs();
        var records = selectors.Select(s => RunSelector.Find(all, s)).ToList();
        var labels = RunLabels.Of(records, all);
        return [.. records.Select((record, i) =>
            new Evaluated(labels[i], record.Uid, RecordedEvaluation.Of(record, store.Load(record), qrels, measures)))];
    }

    static Evaluated EvaluateFile(string path, Qrels qrels, IReadOnlyList<Measure>? measures)
    {
        var problems = new Problems();
        var run = TrecRun.Read(DataFile.FromCommandLine(path), problems);
        problems.ThrowIfAny();
        return new Evaluated(Path.GetFileName(path), null,
            Evaluation.Of(run.Queries.Select(q => RankedList.Of(run, q)), qrels, measures ?? MeasureOptions.Default));
    }

    static Qrels ReadQrels(string path)
    {
        var problems = new Problems();
        var qrels = QrelsFile.Read(DataFile.FromCommandLine(path), problems);
        problems.ThrowIfAny();
        return qrels;
    }

    static void Write(List<Evaluated> evaluated, bool byQuery, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Listing.WriteJson(new JsonArray([.. evaluated.Select(e => Json(e, byQuery))]));
                break;
            case OutputFormat.Tsv:
                Rows(evaluated, byQuery).WriteTsv();
                break;
            case OutputFormat.Table:
                (byQuery ? Rows(evaluated, byQuery) : MeansTable(evaluated)).WriteTable();
                break;
        }
        foreach (var e in evaluated) Talk.Note($"{e.Label}: {RunSummary.Describe(e.Evaluation.Coverage)}");
    }

    /// <summary>A row a value: run, query ("all" for the mean), measure, value.</summary>
    static Listing Rows(List<Evaluated> evaluated, bool byQuery)
    {
        var rows = new Listing("run", "query", "measure", "value");
        foreach (var (label, _, evaluation) in evaluated)
            foreach (var measure in evaluation.Measures)
            {
                if (byQuery)
                    for (int q = 0; q < evaluation.Queries.Count; q++)
                        rows.Add(label, evaluation.Queries[q], measure.ToString(), evaluation.Of(measure)[q]);
                rows.Add(label, "all", measure.ToString(), evaluation.Mean(measure));
            }
        return rows;
    }

    static Listing MeansTable(List<Evaluated> evaluated)
    {
        var measures = evaluated.SelectMany(e => e.Evaluation.Measures).Distinct().ToList();
        var table = new Listing(["run", .. measures.Select(m => m.ToString())]);
        foreach (var (label, _, evaluation) in evaluated)
            table.Add([label, .. measures.Select(m => evaluation.Measures.Contains(m) ? (object)evaluation.Mean(m) : null)]);
        return table;
    }

    static JsonObject Json(Evaluated e, bool byQuery)
    {
        var json = new JsonObject
        {
            ["run"] = e.Label,
            ["uid"] = e.Uid,
            ["measures"] = new JsonObject(e.Evaluation.Measures.Select(m => KeyValuePair.Create(m.ToString(), Listing.Node(e.Evaluation.Mean(m))))),
            ["coverage"] = RunSummary.Json(e.Evaluation.Coverage),
        };
        if (byQuery)
            json["by_query"] = new JsonObject(e.Evaluation.Queries.Select((query, q) => KeyValuePair.Create(query, (JsonNode?)new JsonObject(
                e.Evaluation.Measures.Select(m => KeyValuePair.Create(m.ToString(), Listing.Node(e.Evaluation.Of(m)[q])))))));
        return json;
    }
}
