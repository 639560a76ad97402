using RerankLab.Core.Ranking;

namespace RerankLab.Core.Measures;

/// <summary>
/// A query's ranking with the label of each document: the one intermediate that every measure reads. Ties were decided
/// when the ranking was made.
/// </summary>
public sealed class JudgedRanking
{
    readonly int[] _judged;

    /// <param name="ranking">Best first.</param>
    /// <param name="labels">The query's judgements.</param>
    public JudgedRanking(RankedList ranking, IReadOnlyDictionary<string, int> labels)
    {
        Labels = [.. ranking.Documents.Select(d => labels.TryGetValue(d.Id, out int label) ? label : (int?)null)];
        _judged = [.. labels.Values.OrderDescending()];
    }

    /// <summary>Labels by rank; null where a document is unjudged.</summary>
    public IReadOnlyList<int?> Labels { get; }

    /// <summary>The labels of all judged documents of the query, retrieved or not, the best first: the ideal ranking.</summary>
    public IReadOnlyList<int> Ideal => _judged;

    /// <summary>How many documents of the query are judged at <paramref name="level"/> or above.</summary>
    public int RelevantAt(int level) => _judged.Count(l => l >= level);

    /// <summary>Whether the document at a rank (from 0) is judged at <paramref name="level"/> or above.</summary>
    public bool IsRelevant(int rank, int level) => Labels[rank] >= level;

    /// <summary>How many documents are retrieved down to a cut-off.</summary>
    public int Retrieved(int? cutoff) => Math.Min(cutoff ?? int.MaxValue, Labels.Count);

    /// <summary>How many documents down to a cut-off are judged at <paramref name="level"/> or above.</summary>
    public int RelevantRetrieved(int? cutoff, int level)
    {
        int count = 0;
        for (int rank = 0; rank < Retrieved(cutoff); rank++)
            if (IsRelevant(rank, level)) count++;
        return count;
    }
}
