namespace RerankLab.Core.Datasets;

/// <summary>What decides between documents of equal score.</summary>
public enum TieRule
{
    /// <summary>
    /// Document id descending by UTF-8 bytes: trec_eval's rule, and that of every ranking here unless another is asked
    /// for.
    /// </summary>
    DocIdDescending,

    /// <summary>Document id ascending by UTF-8 bytes.</summary>
    DocIdAscending,

    /// <summary>The order of the lines of a run file, or of the candidates.</summary>
    Input,
}
