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
        // Additions in trec_eval's order, query ids by their bytes: the last digit does not depend on the qrels' order.
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

    /// <summary>Each measure's name and value for all queries together, in the order asked for.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Overalls => [.. _values.Keys.Select(m => KeyValuePair.Create(m.ToString(), Overall(m)))];

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

    /// <summary>Measures rankings, on all cores. Rankings of queries that the qrels lack are counted, not measured.</summary>
    /// <param name="rankings">At most one a query. They may be made as they are asked for.</param>
    /// <param name="qrels">The judgements.</param>
    /// <param name="measures">What to measure.</param>
    /// <param name="missing">What a judged query without results counts.</param>
    public static Evaluation Of(IReadOnlyList<RankedList> rankings, Qrels qrels, IReadOnlyList<Measure> measures,
        MissingQueries missing = MissingQueries.Zero)
    {
        var evaluation = new Evaluation(measures);
        int judgedCutoff = measures.FirstOrDefault(m => m.Cutoff is not null)?.Cutoff ?? 10;
        var results = new QueryResult?[rankings.Count];
        Parallel.For(0, rankings.Count, i =>
        {
            var ranking = rankings[i];
            if (qrels.Of(ranking.Query) is { } labels) results[i] = evaluation.Measure(ranking, labels, judgedCutoff);
        });

        var byQuery = results.OfType<QueryResult>().ToDictionary(r => r.Query);
        int withoutResults = 0, withoutRelevant = 0, changedByTies = 0;
        long looked = 0, unjudged = 0;
        foreach (var query in qrels.Queries)
        {
            var result = byQuery.GetValueOrDefault(query) ?? evaluation.Measure(new RankedList(query, []), qrels.Of(query)!, judgedCutoff);
            if (!result.HasRelevant) withoutRelevant++;
            if (!result.HasResults) withoutResults++;
            if (!result.HasResults && missing == MissingQueries.Drop) continue;
            evaluation.Add(result);
            if (result.CanChange) changedByTies++;
            looked += result.Looked;
            unjudged += result.Unjudged;
        }

        evaluation.Coverage = new EvaluationCoverage(qrels.Queries.Count, withoutResults, missing, withoutRelevant,
            rankings.Count - byQuery.Count, judgedCutoff, looked == 0 ? 0 : (double)unjudged / looked, changedByTies);
        return evaluation;
    }

    /// <summary>A query measured: values, and tie ranges where ties can change any, parallel to the measures.</summary>
    sealed record QueryResult(string Query, double[] Values, TieRange?[]? Ties, bool HasResults, bool HasRelevant, int Looked, int Unjudged)
    {
        /// <summary>Whether ties can change a value.</summary>
        public bool CanChange => Ties is not null;
    }

    QueryResult Measure(RankedList ranking, IReadOnlyDictionary<string, int> labels, int judgedCutoff)
    {
        var judged = new JudgedRanking(ranking, labels);
        int looked = judged.Retrieved(judgedCutoff);
        TieRange?[]? ties = [.. _values.Keys.Select(m => Range(m, judged))];
        if (Array.TrueForAll(ties, t => t is null)) ties = null;
        return new QueryResult(ranking.Query, [.. _values.Keys.Select(m => m.Of(judged))], ties,
            ranking.Documents.Count > 0, judged.RelevantAt(1) > 0, looked, looked - judged.RelevantRetrieved(judgedCutoff, 0));
    }

    /// <summary>Null where the order of tied documents makes no difference.</summary>
    static TieRange? Range(Measure measure, JudgedRanking judged)
    {
        if (!judged.HasTies(measure.Cutoff)) return null;
        double worst = measure.Of(judged.Worst), best = measure.Of(judged.Best);
        return worst == best ? null : new TieRange(worst, measure.Expected(judged), best);
    }

    void Add(QueryResult result)
    {
        int measure = 0;
        foreach (var values in _values.Values)
        {
            values.ByQuery.Add(result.Values[measure]);
            if (result.Ties?[measure] is { } range) values.ByTiedQuery.Add(_queries.Count, range);
            measure++;
        }
        _queries.Add(result.Query);
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
