using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Comparison;

/// <summary>The queries on which a measure moved most between two runs.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Up">Those that gained, the most first.</param>
/// <param name="Down">Those that lost, the most first.</param>
public sealed record MovedQueries(Measure Measure, IReadOnlyList<QueryMove> Up, IReadOnlyList<QueryMove> Down)
{
    /// <summary>Documents named of a query.</summary>
    const int Documents = 4;

    internal static MovedQueries Between(ComparedRun baseline, ComparedRun run, MeasureDifference difference, int count)
    {
        var (measure, moved, qrels) = (difference.Measure, difference.ByQuery.Index().ToList(), baseline.Qrels);
        var up = moved.Where(d => d.Item > MeasureDifference.Tie).OrderByDescending(d => d.Item).Take(count);
        var down = moved.Where(d => d.Item < -MeasureDifference.Tie).OrderBy(d => d.Item).Take(count);
        return new MovedQueries(measure, [.. up.Select(d => Move(d.Index))], [.. down.Select(d => Move(d.Index))]);

        QueryMove Move(int ordinal)
        {
            var query = qrels.Queries[ordinal];
            return new QueryMove(query,
                baseline.Measured.Evaluation.Of(measure)[ordinal], run.Measured.Evaluation.Of(measure)[ordinal],
                MovesWithin(measure.Cutoff ?? int.MaxValue, query, baseline, run, qrels.Of(query)!));
        }
    }

    /// <summary>
    /// Documents that either run has within the measure's cut-off and that stand elsewhere in the other: relevant ones
    /// first, then those that stand highest; shown in the order of where they stand highest.
    /// </summary>
    static IReadOnlyList<DocumentMove> MovesWithin(
        int cutoff, string query, ComparedRun baseline, ComparedRun run, IReadOnlyDictionary<string, int> labels)
    {
        var (there, here) = (Ranks(baseline.Ranking(query)), Ranks(run.Ranking(query)));
        return [.. there.Keys.Union(here.Keys)
            .Select(d => new DocumentMove(d, baseline.KeyOf(query, d) ?? run.KeyOf(query, d),
                labels.TryGetValue(d, out int label) ? label : null, Rank(there, d), Rank(here, d)))
            .Where(m => m.Highest <= cutoff && m.BaselineRank != m.Rank)
            .OrderByDescending(m => m.Label > 0).ThenBy(m => m.Highest).Take(Documents).OrderBy(m => m.Highest)];
    }

    static Dictionary<string, int> Ranks(RankedList? ranking) =>
        ranking?.Documents.Index().ToDictionary(d => d.Item.Id, d => d.Index + 1) ?? [];

    static int? Rank(Dictionary<string, int> ranks, string document) =>
        ranks.TryGetValue(document, out int rank) ? rank : null;
}

/// <summary>A query that moved.</summary>
/// <param name="Query">Its id.</param>
/// <param name="Baseline">The measure's value in the baseline.</param>
/// <param name="Run">Its value in the other run.</param>
/// <param name="Documents">What moved in its ranking, down to the measure's cut-off.</param>
public sealed record QueryMove(string Query, double Baseline, double Run, IReadOnlyList<DocumentMove> Documents);

/// <summary>A document that stands elsewhere.</summary>
/// <param name="Document">Its id.</param>
/// <param name="Text">By which the query's and the passage's text are found; null where both runs were imported without texts.</param>
/// <param name="Label">Its judgement; null where it is unjudged.</param>
/// <param name="BaselineRank">From 1; null where the baseline did not rank it.</param>
/// <param name="Rank">From 1; null where the other run did not rank it.</param>
public sealed record DocumentMove(string Document, TextKey? Text, int? Label, int? BaselineRank, int? Rank)
{
    internal int Highest => Math.Min(BaselineRank ?? int.MaxValue, Rank ?? int.MaxValue);
}
