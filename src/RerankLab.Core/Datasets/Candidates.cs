using RerankLab.Core.Keys;

namespace RerankLab.Core.Datasets;

/// <summary>A query and its candidate passages in first-stage order.</summary>
/// <param name="Id">The query's id.</param>
/// <param name="Documents">Ids of the candidates, the first stage's best first (or in file order where it has none).</param>
/// <param name="FirstStageScores">The first stage's scores, parallel to the documents; null where it gave none.</param>
public sealed record CandidateQuery(string Id, DocumentIds Documents, double[]? FirstStageScores);

/// <summary>Where a query's texts are: the query's and, parallel to its documents, the passages' numbers.</summary>
public sealed record CandidateTexts(int Query, int[] Passages);

/// <summary>What an experiment's dataset section names, read.</summary>
/// <param name="Candidates">The queries that have candidates, cut to the experiment's depth.</param>
/// <param name="CandidateTexts">Parallel to the candidates: the numbers of their texts in <paramref name="Texts"/>.</param>
/// <param name="Texts">The texts themselves.</param>
/// <param name="Qrels">The judgements; null where the dataset has none.</param>
/// <param name="HasFirstStageOrder">False where the order of the candidates means nothing (MS MARCO pairs without a run).</param>
/// <param name="Notes">What was counted rather than refused, in sentences for the user.</param>
public sealed record Dataset(
    IReadOnlyList<CandidateQuery> Candidates,
    IReadOnlyList<CandidateTexts> CandidateTexts,
    TextPool Texts,
    Qrels? Qrels,
    bool HasFirstStageOrder,
    IReadOnlyList<string> Notes) : IDisposable
{
    /// <summary>
    /// The keys of the candidates, where they are known although not all texts are at hand (a job); null to make them of the texts.
    /// </summary>
    public QueryKeys[]? Keys { get; init; }

    /// <summary>What messages call a pair.</summary>
    public string NameOf(int query, int candidate) => $"query '{Candidates[query].Id}', document '{Candidates[query].Documents[candidate]}'";

    /// <summary>Closes the files that texts are read from.</summary>
    public void Dispose() => Texts.Dispose();
}
