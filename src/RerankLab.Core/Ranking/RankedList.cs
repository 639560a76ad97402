using RerankLab.Core.Datasets;

namespace RerankLab.Core.Ranking;

/// <summary>A query's documents, best first, with the scores they were ordered by.</summary>
public sealed record RankedList(string Query, IReadOnlyList<RankedDocument> Documents)
{
    /// <summary>The candidates that have a score: by score descending, equal ones by the rule.</summary>
    /// <param name="candidates">The query and its candidates.</param>
    /// <param name="logits">Parallel to the candidates, NaN where not scored; null to rank by the candidates' own scores.</param>
    /// <param name="depth">Only candidates of at most this first-stage rank take part.</param>
    /// <param name="ties">What decides between equal scores.</param>
    public static RankedList ByScore(CandidateQuery candidates, float[]? logits, int depth, TieRule ties = TieRule.DocIdDescending)
    {
        var documents = candidates.Documents;
        var (scores, order) = (new double[documents.Length], new int[documents.Length]);
        int count = 0;
        for (int i = 0; i < Math.Min(depth, documents.Length); i++)
        {
            double score = logits?[i] ?? candidates.FirstStageScores![i];
            if (!double.IsNaN(score)) (scores[count], order[count++]) = (-score, i);
        }

        // Plain numbers sort several times faster than documents would; what is equal is put in order afterwards.
        Array.Sort(scores, order, 0, count);
        for (int start = 0, end; start < count; start = end)
        {
            for (end = start + 1; end < count && scores[end] == scores[start];) end++;
            if (end - start > 1)
                order.AsSpan(start, end - start).Sort((a, b) => TotalOrder.CompareTied(documents.Utf8(a), a, documents.Utf8(b), b, ties));
        }
        return new RankedList(candidates.Id, Array.ConvertAll(order[..count], i =>
            new RankedDocument(documents[i], logits?[i] ?? candidates.FirstStageScores![i])));
    }

    /// <summary>The candidates as the first stage ranked them.</summary>
    public static RankedList ByFirstStage(CandidateQuery candidates, int depth) =>
        new(candidates.Id, [.. candidates.Documents.Take(depth)
            .Select((d, i) => new RankedDocument(d, candidates.FirstStageScores?[i] ?? -i))]);

    /// <summary>The rankings of a TREC run, in the order of its queries.</summary>
    public static IReadOnlyList<RankedList> AllOf(TrecRun run) => new LazyList<RankedList>(run.Queries.Count, q =>
        new RankedList(run.Queries[q], [.. run.Of(run.Queries[q]).Select(d => new RankedDocument(d.Document, d.Score))]));

    /// <summary>
    /// The groups of two or more documents with equal scores, from the top. Their order is the tie rule's, not the
    /// scores'.
    /// </summary>
    public IEnumerable<TieGroup> Ties()
    {
        for (int start = 0, end; start < Documents.Count; start = end)
        {
            for (end = start + 1; end < Documents.Count && Documents[end].Score == Documents[start].Score;) end++;
            if (end - start > 1) yield return new TieGroup(start, end);
        }
    }
}

/// <summary>
/// Neighbours in a ranking that no score tells apart, from a rank (from 0) to the rank after the last.
/// </summary>
public readonly record struct TieGroup(int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>A document and the score that gave it its rank.</summary>
public readonly record struct RankedDocument(string Id, double Score);
