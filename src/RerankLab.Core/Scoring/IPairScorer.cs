namespace RerankLab.Core.Scoring;

/// <summary>Something that scores query/passage pairs: a model on a device.</summary>
public interface IPairScorer : IDisposable
{
    /// <summary>On what it runs.</summary>
    ScorerBackend Backend { get; }

    /// <summary>Tokens, padding included, that it takes well in one batch.</summary>
    int BatchTokens { get; }

    /// <summary>Makes a pair ready (for a model of ours: tokenises it). May be called from several threads.</summary>
    PreparedPair Prepare(string query, string passage);

    /// <summary>Scores a batch. Called from one thread.</summary>
    /// <param name="batch">Pairs that this scorer prepared.</param>
    /// <param name="logits">Receives a raw logit for each pair; whether it is finite is for the caller to check.</param>
    void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits);
}

/// <summary>A pair that is ready to be scored.</summary>
/// <param name="Tokens">Its length before truncation, special tokens included.</param>
/// <param name="Length">The length that the scorer sees.</param>
public abstract record PreparedPair(int Tokens, int Length);

/// <summary>Provenance of scores: the device and provider that produced them and the versions involved.</summary>
public sealed record ScorerBackend(string Device, string Provider, IReadOnlyDictionary<string, string> Versions);
