using Dapper;

namespace RerankLab.Store;

/// <summary>What a lab file has of one scorer.</summary>
public sealed record ScorerStatistics
{
    /// <summary>Hex.</summary>
    public required string Fingerprint { get; init; }

    public required string Kind { get; init; }

    /// <summary>The names and precisions it was declared by.</summary>
    public required string Names { get; init; }

    public long Scores { get; init; }

    /// <summary>Distinct query texts among them.</summary>
    public long Queries { get; init; }

    /// <summary>Of the scored pairs, before truncation, all together.</summary>
    public long Tokens { get; init; }

    public long Sessions { get; init; }

    /// <summary>Recorded runs that rank by it.</summary>
    public long Runs { get; init; }
}

/// <summary>What a lab file has of one session.</summary>
public sealed record SessionStatistics
{
    public required string Uid { get; init; }

    /// <summary>ISO 8601, UTC.</summary>
    public required string Started { get; init; }

    /// <summary>Null for one that goes on, or was killed.</summary>
    public string? Ended { get; init; }

    public required string Device { get; init; }

    public required string Provider { get; init; }

    /// <summary>Fingerprint of whose scores they are; null where none are left.</summary>
    public string? Scorer { get; init; }

    /// <summary>Scores that it gave.</summary>
    public long Scored { get; init; }

    /// <summary>Scores of it that the file has.</summary>
    public long Scores { get; init; }
}

/// <summary>A lab file's size.</summary>
/// <param name="Schema">The schema's version.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="FreeBytes">Of them, without content: what compacting gives back at least.</param>
public sealed record LabFileSize(int Schema, long Bytes, long FreeBytes);

/// <summary>What is in a lab file.</summary>
public sealed class CacheStatistics
{
    public CacheStatistics(LabFile lab)
    {
        // One pass over the scores; the session of a score is looked at nowhere else.
        var scores = lab.Connection.Query<(long Scorer, long Session, long Scores, long Tokens)>(
            "SELECT scorer, session, count(*), sum(tokens) FROM score GROUP BY scorer, session").ToList();
        var queries = lab.Connection.Query<(long Scorer, long Queries)>(
                "SELECT scorer, count(*) FROM (SELECT DISTINCT scorer, query FROM score) GROUP BY scorer")
            .ToDictionary(q => q.Scorer, q => q.Queries);
        Scorers =
        [
            .. lab.Connection.Query<(long Id, string Fingerprint, string Kind, string? Names, long Runs)>(
                """
                SELECT id, fingerprint, kind,
                    (SELECT group_concat(name || ' ' || precision, ', ') FROM scorer_name WHERE scorer = scorer.id),
                    (SELECT count(*) FROM run WHERE run.scorer = scorer.id)
                FROM scorer ORDER BY id
                """).Select(s => new ScorerStatistics
            {
                Fingerprint = s.Fingerprint,
                Kind = s.Kind,
                Names = s.Names ?? "",
                Scores = scores.Where(c => c.Scorer == s.Id).Sum(c => c.Scores),
                Queries = queries.GetValueOrDefault(s.Id),
                Tokens = scores.Where(c => c.Scorer == s.Id).Sum(c => c.Tokens),
                Sessions = scores.Count(c => c.Scorer == s.Id),
                Runs = s.Runs,
            }),
        ];
        var fingerprints = lab.Connection.Query<(long Id, string Fingerprint)>("SELECT id, fingerprint FROM scorer")
            .ToDictionary(s => s.Id, s => s.Fingerprint);
        var bySession = scores.ToLookup(c => c.Session);
        Sessions =
        [
            .. lab.Connection.Query<(long Id, string Uid, string Started, string? Ended, string Device, string Provider, long Scored)>(
                "SELECT id, uid, started, ended, device, provider, scored FROM session ORDER BY started, uid")
                .Select(s => new SessionStatistics
            {
                Uid = s.Uid,
                Started = s.Started,
                Ended = s.Ended,
                Device = s.Device,
                Provider = s.Provider,
                Scorer = bySession[s.Id].Select(c => fingerprints.GetValueOrDefault(c.Scorer)).FirstOrDefault(),
                Scored = s.Scored,
                Scores = bySession[s.Id].Sum(c => c.Scores),
            }),
        ];
        Submissions = lab.Connection.ExecuteScalar<long>("SELECT count(*) FROM submissions");
        var (schema, pages, free, page) = lab.Connection.QuerySingle<(int, long, long, long)>(
            """
            SELECT user_version, page_count, freelist_count, page_size
            FROM pragma_user_version, pragma_page_count, pragma_freelist_count, pragma_page_size
            """);
        Size = new LabFileSize(schema, pages * page, free * page);
    }

    /// <summary>In the order in which they came into the file.</summary>
    public IReadOnlyList<ScorerStatistics> Scorers { get; }

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<SessionStatistics> Sessions { get; }

    /// <summary>Runs on boards.</summary>
    public long Submissions { get; }

    public LabFileSize Size { get; }

    public long Scores => Scorers.Sum(s => s.Scores);
}
