namespace RerankLab.Core.Runs;

/// <summary>What is kept of a run besides its candidates and logits.</summary>
public sealed record RunRecord
{
    /// <summary>UUIDv7, 36 characters: globally unique and ordered by time.</summary>
    public required string Uid { get; init; }

    public required string Name { get; init; }
    public required DateTimeOffset Started { get; init; }
    public required RunStatus Status { get; init; }

    /// <summary>The deepest first-stage rank that takes part: every query is scored down to it.</summary>
    public required int Depth { get; init; }

    /// <summary>The experiment file as written, and the assignments that won over it.</summary>
    public required string ExperimentText { get; init; }

    public required IReadOnlyList<string> Overrides { get; init; }

    /// <summary>The experiment file's path relative to the lab file's folder, with forward slashes.</summary>
    public required string ExperimentPath { get; init; }

    /// <summary>The set-up as resolved, as JSON: what <c>diff</c> compares.</summary>
    public required string Setup { get; init; }

    public required string ScorerFingerprint { get; init; }

    /// <summary>The session that scored what was missing; null where nothing was.</summary>
    public required string? SessionUid { get; init; }

    /// <summary>The device of that session.</summary>
    public required string? Device { get; init; }

    public required RunCounts Counts { get; init; }
    public required IReadOnlyList<KeyValuePair<string, double>> Seconds { get; init; }
    public required double? Cost { get; init; }
    public required string? Currency { get; init; }
    public required Provenance Provenance { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>Means (of counts: sums) by measure, in the order asked for; empty where the run had no qrels.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Measures { get; init; }
}

public enum RunStatus
{
    /// <summary>Every pair is scored.</summary>
    Complete,

    /// <summary>Scoring was stopped: the run is what it would be at its depth.</summary>
    Partial,
}

/// <summary>How much work a run was.</summary>
/// <param name="Queries">Queries with candidates.</param>
/// <param name="Pairs">Candidates of all queries.</param>
/// <param name="UniquePairs">Distinct pairs of texts among them.</param>
/// <param name="Hits">Distinct pairs that the lab file knew.</param>
/// <param name="Misses">Distinct pairs that it did not know.</param>
/// <param name="Scored">Misses that were scored now.</param>
/// <param name="Truncated">Pairs longer than the scorer's max length.</param>
/// <param name="Tokens">Tokens that the scorer saw now, padding not counted.</param>
/// <param name="PaddedTokens">Padding included.</param>
public sealed record RunCounts(int Queries, int Pairs, int UniquePairs, int Hits, int Misses, int Scored, int Truncated, long Tokens, long PaddedTokens);

/// <summary>Where and with what a run was made.</summary>
/// <param name="Environment">Versions, operating system, processor.</param>
/// <param name="GitCommit">The commit that the experiment file's repository stood at; null outside a repository.</param>
/// <param name="GitDirty">Whether it had uncommitted changes.</param>
public sealed record Provenance(IReadOnlyDictionary<string, string> Environment, string? GitCommit, bool? GitDirty);
