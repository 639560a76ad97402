using RerankLab.Core.Datasets;

namespace RerankLab.Core.Ranking;

/// <summary>A query's documents, best first, with the scores they were ordered by.</summary>
public sealed record RankedList(string Query, IReadOnlyList<RankedDocument> Documents)
{
    /// <summary>The candidates that have a logit, in the total order: logit, then document id, both descending.</summary>
    /// <param name="candidates">The query and its candidates.</param>
    /// <param name="logits">Parallel to the candidates; NaN where not scored.</param>
    /// <param name="depth">Only candidates of at most this first-stage rank take part.</param>
    public static RankedList ByLogit(CandidateQuery candidates, float[] logits, int depth)
    {
        var documents = new List<RankedDocument>(logits.Length);
        for (int i = 0; i < Math.Min(depth, logits.Length); i++)
            if (!float.IsNaN(logits[i])) documents.Add(new RankedDocument(candidates.Documents[i], logits[i]));
        documents.Sort((a, b) => TotalOrder.Compare(a.Score, a.Id, b.Score, b.Id));
        return new RankedList(candidates.Id, documents);
    }

    /// <summary>The candidates as the first stage ranked them.</summary>
    public static RankedList ByFirstStage(CandidateQuery candidates, int depth) =>
        new(candidates.Id, [.. candidates.Documents.Take(depth)
            .Select((d, i) => new RankedDocument(d, candidates.FirstStageScores?[i] ?? -i))]);

    /// <summary>A query's documents in a TREC run.</summary>
    public static RankedList Of(TrecRun run, string query) =>
        new(query, [.. run.Of(query).Select(d => new RankedDocument(d.Document, d.Score))]);
}

/// <summary>A document and the score that gave it its rank.</summary>
public readonly record struct RankedDocument(string Id, double Score);
