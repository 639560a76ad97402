namespace RerankLab.Core.Measures;

/// <summary>What a mean is over.</summary>
/// <param name="Queries">Queries of the qrels.</param>
/// <param name="WithoutResults">Those of them that the run has no results for.</param>
/// <param name="Missing">What these count.</param>
/// <param name="WithoutRelevant">Queries of the qrels without a label of at least 1; every run has 0 on them.</param>
/// <param name="WithoutQrels">Queries of the run that the qrels lack; they do not count.</param>
/// <param name="JudgedCutoff">The cut-off at which the unjudged share was taken: that of the first measure that has
/// one, else 10.</param>
/// <param name="UnjudgedShare">Share of unjudged documents down to that cut-off, 0 to 1.</param>
/// <param name="ChangedByTies">Queries where the value of some measure depends on the order of documents with equal
/// scores.</param>
public sealed record EvaluationCoverage(
    int Queries, int WithoutResults, MissingQueries Missing, int WithoutRelevant, int WithoutQrels, int JudgedCutoff,
    double UnjudgedShare, int ChangedByTies);
