using RerankLab.Core.Datasets;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Measures;

/// <summary>Rankings measured against qrels, query by query.</summary>
public sealed class Evaluation
{
    /// <summary>A measure's values by query, and the ranges of those that ties can change.</summary>
    sealed record Values(List<double> ByQuery, Dictionary<int, TieRange> ByTiedQuery);

    readonly List<string> _queries = [];
    readonly Dictionary<Measure, Values> _values;
    readonly Lazy<int[]> _inOrder;

    Evaluation(IEnumerable<Measure> measures)
    {
        _values = measures.Distinct().ToDictionary(m => m, _ => new Values([], []));
        // Additions in trec_eval's order, query ids by their bytes: the last digit does not depend on the order of the qrels.
        _inOrder = new(() => [.. Enumerable.Range(0, _queries.Count)
            .OrderBy(q => _queries[q], Comparer<string>.Create(TotalOrder.CompareUtf8))]);
    }

    /// <summary>The queries that count, in the order of the qrels: all of the qrels, or those with results.</summary>
    public IReadOnlyList<string> Queries => _queries;

    public IReadOnlyList<Measure> Measures => [.. _values.Keys];

    public EvaluationCoverage Coverage { get; private set; } = null!;

    /// <summary>Values parallel to <see cref="Queries"/>.</summary>
    public IReadOnlyList<double> Of(Measure measure) => _values[measure].ByQuery;

    /// <summary>The mean over <see cref="Queries"/>; 0 where there are none.</summary>
    public double Mean(Measure measure) => Mean(q => Of(measure)[q]);

    /// <summary>The value for all queries together: the mean, or the sum of a count.</summary>
    public double Overall(Measure measure) => Overall(measure, q => Of(measure)[q]);

    /// <summary>What the value for a query can be, depending on the order of tied documents.</summary>
    public TieRange Ties(Measure measure, int query) =>
        _values[measure].ByTiedQuery.TryGetValue(query, out var range) ? range
        : new TieRange(Of(measure)[query], Of(measure)[query], Of(measure)[query]);

    /// <summary>What <see cref="Overall(Measure)"/> can be, depending on the order of tied documents.</summary>
    public TieRange OverallTies(Measure measure) => new(
        Overall(measure, q => Ties(measure, q).Worst),
        Overall(measure, q => Ties(measure, q).Expected),
        Overall(measure, q => Ties(measure, q).Best));

    /// <summary>For how many queries the value depends on the order of tied documents.</summary>
    public int ChangedByTies(Measure measure) => _values[measure].ByTiedQuery.Count;

    /// <summary>Measures rankings. Rankings of queries that the qrels lack are counted, not measured.</summary>
    public static Evaluation Of(IEnumerable<RankedList> rankings, Qrels qrels, IReadOnlyList<Measure> measures,
        MissingQueries missing = MissingQueries.Zero)
    {
        var byQuery = rankings.ToDictionary(r => r.Query);
        var evaluation = new Evaluation(measures);
        int judgedCutoff = measures.FirstOrDefault(m => m.Cutoff is not null)?.Cutoff ?? 10;
        int withoutResults = 0, withoutRelevant = 0, changedByTies = 0;
        long looked = 0, unjudged = 0;

        foreach (var query in qrels.Queries)
        {
            var ranking = byQuery.GetValueOrDefault(query) ?? new RankedList(query, []);
            var judged = new JudgedRanking(ranking, qrels.Of(query)!);
            if (judged.RelevantAt(1) == 0) withoutRelevant++;
            if (ranking.Documents.Count == 0)
            {
                withoutResults++;
                if (missing == MissingQueries.Drop) continue;
            }
            if (evaluation.Add(query, judged)) changedByTies++;
            looked += judged.Retrieved(judgedCutoff);
            unjudged += judged.Retrieved(judgedCutoff) - judged.RelevantRetrieved(judgedCutoff, 0);
        }

        evaluation.Coverage = new EvaluationCoverage(qrels.Queries.Count, withoutResults, missing, withoutRelevant,
            byQuery.Keys.Count(q => qrels.Of(q) is null), judgedCutoff, looked == 0 ? 0 : (double)unjudged / looked, changedByTies);
        return evaluation;
    }

    /// <summary>Adds a query's values; true where ties can change one.</summary>
    bool Add(string query, JudgedRanking judged)
    {
        bool canChange = false;
        foreach (var (measure, values) in _values)
        {
            values.ByQuery.Add(measure.Of(judged));
            if (!judged.HasTies(measure.Cutoff)) continue;
            double worst = measure.Of(judged.Worst), best = measure.Of(judged.Best);
            if (worst == best) continue;
            values.ByTiedQuery.Add(_queries.Count, new TieRange(worst, measure.Expected(judged), best));
            canChange = true;
        }
        _queries.Add(query);
        return canChange;
    }

    double Overall(Measure measure, Func<int, double> of) => measure.IsSum ? Sum(of) : Mean(of);

    double Mean(Func<int, double> of) => _queries.Count == 0 ? 0 : Sum(of) / _queries.Count;

    double Sum(Func<int, double> of)
    {
        double sum = 0;
        foreach (int query in _inOrder.Value) sum += of(query);
        return sum;
    }
}
