namespace RerankLab.Core.Datasets;

/// <summary>What the <c>dataset:</c> section asks for: one of three forms, and what they have in common.</summary>
/// <param name="Qrels">Judgements; null to use labels inside the candidates, if any.</param>
/// <param name="Depth">Candidates a query, by first-stage rank; null for all.</param>
public abstract record DatasetSpec(DataFile? Qrels, int? Depth)
{
    /// <summary>The files named, by the key that names them.</summary>
    public IEnumerable<(string Key, DataFile File)> Files => Qrels is null ? Sources : Sources.Append(("qrels", Qrels));

    protected abstract IEnumerable<(string Key, DataFile File)> Sources { get; }
}

/// <summary>One JSON object a line: a query with its passages.</summary>
public sealed record JsonlCandidatesSpec(DataFile Candidates, DataFile? Qrels, int? Depth) : DatasetSpec(Qrels, Depth)
{
    protected override IEnumerable<(string, DataFile)> Sources => [("candidates", Candidates)];
}

/// <summary>BEIR or TREC: queries, a corpus, and a first-stage run that says which documents are candidates.</summary>
public sealed record CollectionSpec(DataFile Queries, DataFile Corpus, DataFile Run, DataFile? Qrels, int? Depth)
    : DatasetSpec(Qrels, Depth)
{
    protected override IEnumerable<(string, DataFile)> Sources => [("queries", Queries), ("corpus", Corpus), ("run", Run)];
}

/// <summary>MS MARCO: lines of query id, passage id, query, passage; the order comes from the run, if one is named.</summary>
public sealed record PairsSpec(DataFile Pairs, DataFile? Run, DataFile? Qrels, int? Depth) : DatasetSpec(Qrels, Depth)
{
    protected override IEnumerable<(string, DataFile)> Sources =>
        Run is null ? [("pairs", Pairs)] : [("pairs", Pairs), ("run", Run)];
}
