using RerankLab.Core.Datasets;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Measures;

/// <summary>Rankings measured against qrels, query by query.</summary>
public sealed class Evaluation
{
    readonly Dictionary<Measure, double[]> _values = [];

    Evaluation(IReadOnlyList<string> queries, IReadOnlyList<Measure> measures, EvaluationCoverage coverage) =>
        (Queries, Measures, Coverage) = (queries, measures, coverage);

    /// <summary>The queries of the qrels, in their order. All of them count, ranked or not.</summary>
    public IReadOnlyList<string> Queries { get; }

    public IReadOnlyList<Measure> Measures { get; }

    public EvaluationCoverage Coverage { get; }

    /// <summary>Values parallel to <see cref="Queries"/>.</summary>
    public IReadOnlyList<double> Of(Measure measure) => _values[measure];

    /// <summary>The mean over every query of the qrels; a query without results counts 0 (trec_eval -c).</summary>
    public double Mean(Measure measure) => Queries.Count == 0 ? 0 : _values[measure].Sum() / Queries.Count;

    /// <summary>Measures rankings. Rankings of queries that the qrels lack are counted, not measured.</summary>
    public static Evaluation Of(IEnumerable<RankedList> rankings, Qrels qrels, IReadOnlyList<Measure> measures)
    {
        var byQuery = rankings.ToDictionary(r => r.Query);
        var distinct = measures.Distinct().ToList();
        int judgedCutoff = distinct.FirstOrDefault(m => m.Cutoff is not null)?.Cutoff ?? 10;
        long looked = 0, unjudged = 0;
        int missing = 0;

        var values = distinct.ToDictionary(m => m, _ => new double[qrels.Queries.Count]);
        for (int q = 0; q < qrels.Queries.Count; q++)
        {
            if (!byQuery.TryGetValue(qrels.Queries[q], out var ranking) || ranking.Documents.Count == 0)
            {
                missing++;
                continue;
            }
            var judged = new JudgedRanking(ranking, qrels.Of(ranking.Query)!);
            foreach (var measure in distinct) values[measure][q] = measure.Of(judged);
            looked += judged.Retrieved(judgedCutoff);
            unjudged += judged.Labels.Take(judgedCutoff).Count(l => l is null);
        }

        var coverage = new EvaluationCoverage(qrels.Queries.Count, missing, byQuery.Keys.Count(q => qrels.Of(q) is null),
            judgedCutoff, looked == 0 ? 0 : (double)unjudged / looked);
        var evaluation = new Evaluation(qrels.Queries, distinct, coverage);
        foreach (var (measure, of) in values) evaluation._values.Add(measure, of);
        return evaluation;
    }
}

/// <summary>What a mean is over.</summary>
/// <param name="Queries">Queries of the qrels.</param>
/// <param name="WithoutResults">Those of them that the run has no results for; they count 0.</param>
/// <param name="WithoutQrels">Queries of the run that the qrels lack; they do not count.</param>
/// <param name="JudgedCutoff">The cut-off at which the unjudged share was taken: that of the first measure that has one, else 10.</param>
/// <param name="UnjudgedShare">Share of unjudged documents down to that cut-off, 0 to 1.</param>
public sealed record EvaluationCoverage(int Queries, int WithoutResults, int WithoutQrels, int JudgedCutoff, double UnjudgedShare);
