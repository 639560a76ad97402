using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>Remembers the scores of pairs, each under the very scorer that produced it.</summary>
public interface IScoreCache
{
    /// <summary>Scorers that were declared under this model name.</summary>
    IReadOnlyList<ScorerIdentity> ScorersNamed(string name);

    /// <summary>Fills in every score that this scorer ever gave to these pairs.</summary>
    void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into);

    /// <summary>Begins a stretch of scoring.</summary>
    IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend);
}

/// <summary>Takes finished scores. Disposing it commits what was added.</summary>
public interface IScoreWriter : IDisposable
{
    /// <summary>The session's globally unique id.</summary>
    string SessionUid { get; }

    /// <param name="query">The query key.</param>
    /// <param name="pair">The pair key.</param>
    /// <param name="logit">A finite logit.</param>
    /// <param name="tokens">The pair's length before truncation.</param>
    void Add(long query, PairKey pair, float logit, int tokens);

    /// <summary>Commits what was added, if the last commit was a second ago. Called often, by one thread at a time.</summary>
    void CommitIfDue();
}
