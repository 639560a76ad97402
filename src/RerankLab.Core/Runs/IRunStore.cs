using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Runs;

/// <summary>Keeps runs.</summary>
public interface IRunStore
{
    /// <summary>Keeps a run with everything that eval, diff and export need: all of it or nothing.</summary>
    void Save(RunRecord run, ScorerIdentity scorer, RunData data, Evaluation? evaluation);

    /// <summary>All runs, the latest first.</summary>
    IReadOnlyList<RunRecord> Runs();

    /// <summary>What was ranked in a run, and the scores.</summary>
    RunData Load(RunRecord run);
}

/// <summary>The lists of a run, parallel by query, and the judgements it was evaluated on.</summary>
public sealed class RunData(IReadOnlyList<CandidateQuery> candidates, IReadOnlyList<QueryKeys>? keys, IReadOnlyList<float[]>? logits, Qrels? qrels)
{
    readonly Lazy<string> _candidatesFingerprint = new(() => Fingerprints.Of(candidates, keys));
    readonly Lazy<string?> _qrelsFingerprint = new(() => qrels is null ? null : Fingerprints.Of(qrels));

    /// <summary>Queries and documents in first-stage order.</summary>
    public IReadOnlyList<CandidateQuery> Candidates { get; } = candidates;

    /// <summary>Their keys, by which texts are recognised; null for an imported run whose texts are unknown.</summary>
    public IReadOnlyList<QueryKeys>? Keys { get; } = keys;

    /// <summary>By query, in candidate order, NaN where not scored; null for an imported run, which is ranked by the candidates' own scores.</summary>
    public IReadOnlyList<float[]>? Logits { get; } = logits;

    /// <summary>Null where the run had none.</summary>
    public Qrels? Qrels { get; } = qrels;

    public string CandidatesFingerprint => _candidatesFingerprint.Value;

    /// <summary>Null where the run had no qrels.</summary>
    public string? QrelsFingerprint => _qrelsFingerprint.Value;

    public int Pairs => Candidates.Sum(c => c.Documents.Length);

    /// <summary>Candidates without a score.</summary>
    public int PairsMissing => Logits?.Sum(l => l.Count(float.IsNaN)) ?? 0;

    /// <summary>Every query's ranking, of the candidates down to a first-stage rank: by logit, else by the candidates' own scores.</summary>
    public IReadOnlyList<RankedList> Rankings(int depth, TieRule ties = TieRule.DocIdDescending) =>
        new LazyList<RankedList>(Candidates.Count, q => RankedList.ByScore(Candidates[q], Logits?[q], depth, ties));

    /// <summary>Every query's candidates as the first stage ranked them.</summary>
    public IReadOnlyList<RankedList> FirstStage(int depth) =>
        new LazyList<RankedList>(Candidates.Count, q => RankedList.ByFirstStage(Candidates[q], depth));
}
