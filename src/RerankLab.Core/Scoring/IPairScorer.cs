namespace RerankLab.Core.Scoring;

/// <summary>Something that scores query/passage pairs: a model on a device, a service.</summary>
public interface IPairScorer : IDisposable
{
    /// <summary>On what it runs.</summary>
    ScorerBackend Backend { get; }

    /// <summary>What it takes well at once.</summary>
    BatchLimits Limits { get; }

    /// <summary>Makes a pair ready (for a model of ours: tokenises it). May be called from several threads.</summary>
    PreparedPair Prepare(string query, string passage);

    /// <summary>Scores a batch. Called from at most <see cref="BatchLimits.InFlight"/> threads at once.</summary>
    /// <param name="batch">Pairs that this scorer prepared.</param>
    /// <param name="logits">Receives a raw logit for each pair; whether it is finite is for the caller to check.</param>
    /// <exception cref="ScorerOutOfMemoryException">The batch is too large for the memory that is left; the scorer can go on.</exception>
    /// <exception cref="UserError">The scorer failed.</exception>
    void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits);
}

/// <summary>How much a scorer is given at once.</summary>
/// <param name="Tokens">Tokens of a batch, padding included. A pair that alone is longer makes a batch of its own.</param>
/// <param name="Pairs">Pairs of a batch.</param>
/// <param name="InFlight">Batches at the same time.</param>
public sealed record BatchLimits(int Tokens, int Pairs, int InFlight);

/// <summary>A pair that is ready to be scored.</summary>
/// <param name="Tokens">Its length before truncation, special tokens included.</param>
/// <param name="Length">The length that the scorer sees.</param>
public abstract record PreparedPair(int Tokens, int Length);

/// <summary>Provenance of scores: the device and provider that produced them, the versions and settings involved.</summary>
public sealed record ScorerBackend(string Device, string Provider, IReadOnlyDictionary<string, string> Versions);

/// <summary>A scorer has no memory for a batch, in its own words; smaller ones may do.</summary>
public sealed class ScorerOutOfMemoryException(string message, Exception cause) : Exception(message, cause);
