using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;

namespace RerankLab.Core.Runs;

/// <summary>Evaluates recorded runs again, from what the lab file keeps of them.</summary>
public static class RecordedEvaluation
{
    /// <param name="run">The run.</param>
    /// <param name="data">Its lists and logits.</param>
    /// <param name="qrels">Other judgements than the run's own; null for its own.</param>
    /// <param name="measures">Null for the measures that the run was recorded with.</param>
    /// <param name="ties">What decides between equal logits.</param>
    /// <param name="missing">What a judged query without results counts.</param>
    /// <exception cref="UserError">There are no judgements.</exception>
    public static Evaluation Of(RunRecord run, RunData data, Qrels? qrels, IReadOnlyList<Measure>? measures,
        TieRule ties = TieRule.DocIdDescending, MissingQueries missing = MissingQueries.Zero) =>
        Evaluation.Of(data.Rankings(run.Depth, ties),
            qrels ?? data.Qrels ?? throw new UserError($"run '{run.Name}' has no qrels", "name some with --qrels FILE"),
            measures ?? MeasuresOf(run), missing);

    /// <summary>The measures that a run was recorded with; nDCG@10 and RR@10 where there are none.</summary>
    public static IReadOnlyList<Measure> MeasuresOf(RunRecord run) =>
        run.Measures.Count == 0 ? Measure.Defaults : [.. run.Measures.Select(m => Measure.Parse(m.Key))];
}
