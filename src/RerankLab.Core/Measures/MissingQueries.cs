namespace RerankLab.Core.Measures;

/// <summary>What a judged query without results counts.</summary>
public enum MissingQueries
{
    /// <summary>The value of an empty ranking, which is 0 (trec_eval -c).</summary>
    Zero,

    /// <summary>Nothing: the mean is over the queries with results (trec_eval 9 without -c).</summary>
    Drop,
}
