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
        [Argument(Description = "a run's name, id prefix or @1 (the latest, the default), @2, …", Name = "RUN")]
            string[]? run,
        CommonParameters common,
        [Option('m', Description = "e.g. nDCG@10, RR@10, AP, P(rel=2)@5, RBP(p=0.8); repeats", ValueName = "MEASURE")]
            string[]? measure = null,
        [Option("by-query", Description = "a value for each query")] bool byQuery = false,
        [Option("qrels", Description = "TREC or BEIR qrels, instead of the run's own", ValueName = "FILE")]
            string? qrelsFile = null,
        [Option("run-file", Description = "a TREC run file, instead of recorded runs; needs --qrels", ValueName = "FILE")]
            string? runFile = null,
        [Option("missing", Description = "a judged query without results counts zero (default), or is left out: drop", ValueName = "zero|drop")]
            string? missing = null,
        [Option("tie-rule", Description = "order of equal scores: docid-desc (default, as trec_eval), docid-asc or input", ValueName = "RULE")]
            string? tieRule = null,
        [Option("ties", Description = "also the worst, expected and best value over the orders of tied documents")]
            bool ties = false,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var conventions =
            new Conventions(EvaluationOptions.ParseTieRule(tieRule), EvaluationOptions.ParseMissing(missing));
        var measures = measure is { Length: > 0 } ? MeasureOptions.Parse(measure) : null;
        var qrels = qrelsFile is null ? null : ReadQrels(qrelsFile);
        var evaluated = runFile is null
            ? EvaluateRecorded(common.LabPath(), run is { Length: > 0 } ? run : ["@1"], qrels, measures, conventions)
            : run is { Length: > 0 } ? throw new UserError("give either runs or --run-file, not both")
            : qrels is null ? throw new UserError("--run-file needs --qrels FILE")
            : [EvaluateFile(runFile, qrels, measures, conventions)];
        Write(evaluated, byQuery, ties, conventions.Ties, output);
    }

    sealed record Conventions(TieRule Ties, MissingQueries Missing);

    sealed record Evaluated(string Label, string? Uid, Evaluation Evaluation, int PairsMissing);

    static List<Evaluated> EvaluateRecorded(
        string labPath, string[] selectors, Qrels? qrels, IReadOnlyList<Measure>? measures, Conventions conventions)
    {
        using var lab = LabFile.OpenForReading(labPath, Talk.Note);
        var store = new RunStore(lab);
        var all = store.Runs();
        var records = selectors.Select(s => RunSelector.Find(all, s)).ToList();
        var labels = RunLabels.Of(records, all);
        return [.. records.Select((record, i) =>
        {
            var data = store.Load(record);
            var evaluation = RecordedEvaluation.Of(
                record, data, qrels, measures, conventions.Ties, conventions.Missing);
            return new Evaluated(labels[i], record.Uid, evaluation, data.PairsMissing);
        })];
    }

    static Evaluated EvaluateFile(string path, Qrels qrels, IReadOnlyList<Measure>? measures, Conventions conventions)
    {
        var problems = new Problems();
        var run = TrecRun.Read(DataFile.FromCommandLine(path), problems, conventions.Ties);
        problems.ThrowIfAny();
        return new Evaluated(Path.GetFileName(path), null,
            Evaluation.Of(RankedList.AllOf(run), qrels, measures ?? Measure.Defaults, conventions.Missing), PairsMissing: 0);
    }

    static Qrels ReadQrels(string path)
    {
        var problems = new Problems();
        var qrels = QrelsFile.Read(DataFile.FromCommandLine(path), problems);
        problems.ThrowIfAny();
        return qrels;
    }

    static void Write(List<Evaluated> evaluated, bool byQuery, bool ties, TieRule tieRule, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Listing.WriteJson(new JsonArray([.. evaluated.Select(e => Json(e, byQuery, ties, tieRule))]));
                break;
            case OutputFormat.Tsv:
                Rows(evaluated, byQuery, ties).WriteTsv();
                break;
            case OutputFormat.Table:
                (byQuery || ties ? Rows(evaluated, byQuery, ties) : MeansTable(evaluated)).WriteTable();
                break;
        }
        foreach (var e in evaluated)
            Talk.Note($"{e.Label}: {RunSummary.Describe(e.Evaluation.Coverage)}" +
                (e.PairsMissing > 0 ? $"; {e.PairsMissing} pairs not scored" : "") +
                (tieRule == TieRule.DocIdDescending ? "" : $"; tie rule {EvaluationOptions.NameOf(tieRule)}"));
    }

    /// <summary>
    /// A row a value: run, query ("all" for all together), measure, value; with ties also what it could be.
    /// </summary>
    static Listing Rows(List<Evaluated> evaluated, bool byQuery, bool ties)
    {
        string[] ranges = ties ? ["worst", "expected", "best"] : [];
        var rows = new Listing(["run", "query", "measure", "value", .. ranges]);
        foreach (var (label, _, evaluation, _) in evaluated)
            foreach (var measure in evaluation.Measures)
            {
                if (byQuery)
                    for (int q = 0; q < evaluation.Queries.Count; q++)
                        Add(label, evaluation.Queries[q], measure, evaluation.Of(measure)[q],
                            evaluation.Ties(measure, q));
                Add(label, "all", measure, evaluation.Overall(measure), evaluation.OverallTies(measure));
            }
        return rows;

        void Add(string label, string query, Measure measure, double value, TieRange range)
        {
            double[] values = ties ? [value, range.Worst, range.Expected, range.Best] : [value];
            rows.Add([label, query, measure.ToString(), .. values.Select(v => RunSummary.Cell(measure, v))]);
        }
    }

    static Listing MeansTable(List<Evaluated> evaluated)
    {
        var measures = evaluated.SelectMany(e => e.Evaluation.Measures).Distinct().ToList();
        var table = new Listing(["run", .. measures.Select(m => m.ToString())]);
        foreach (var (label, _, evaluation, _) in evaluated)
            table.Add([label, .. measures.Select(m =>
                evaluation.Measures.Contains(m) ? RunSummary.Cell(m, evaluation.Overall(m)) : null)]);
        return table;
    }

    static JsonObject Json(Evaluated e, bool byQuery, bool ties, TieRule tieRule)
    {
        var evaluation = e.Evaluation;
        var coverage = RunSummary.Json(evaluation.Coverage);
        coverage["pairs_missing"] = e.PairsMissing;
        var json = new JsonObject
        {
            ["run"] = e.Label,
            ["uid"] = e.Uid,
            ["measures"] = ByMeasure(m => Listing.Node(evaluation.Overall(m))),
            ["tie_rule"] = EvaluationOptions.NameOf(tieRule),
            ["coverage"] = coverage,
        };
        if (ties) json["ties"] = ByMeasure(m => Node(evaluation.OverallTies(m), evaluation.ChangedByTies(m)));
        if (byQuery)
            json["by_query"] = new JsonObject(evaluation.Queries.Select((query, q) =>
                KeyValuePair.Create(query, (JsonNode?)ByMeasure(m => Listing.Node(evaluation.Of(m)[q])))));
        return json;

        JsonObject ByMeasure(Func<Measure, JsonNode?> of) =>
            new(evaluation.Measures.Select(m => KeyValuePair.Create(m.ToString(), of(m))));
    }

    static JsonObject Node(TieRange range, int queries) => new()
    {
        ["worst"] = range.Worst,
        ["expected"] = range.Expected,
        ["best"] = range.Best,
        ["queries"] = queries,
    };
}
