using Dapper;
using RerankLab.Core;
using RerankLab.Core.Keys;

namespace RerankLab.Store;

/// <summary>Which scores shall go: those that meet every condition that is given.</summary>
/// <param name="Scorer">Of the scorers of this name or fingerprint prefix; null for any.</param>
/// <param name="Session">Of the session of this id or prefix; null for any.</param>
/// <param name="Before">Of sessions that began before; null for any.</param>
/// <param name="OnlyDamaged">Only those that do not agree with their check value.</param>
/// <param name="EvenUsed">Also those of pairs that recorded runs rank.</param>
public sealed record PruningSpec(string? Scorer, string? Session, DateTimeOffset? Before, bool OnlyDamaged, bool EvenUsed);

/// <summary>What a pruning did, or would do.</summary>
/// <param name="Deleted">Scores deleted.</param>
/// <param name="Spared">Scores that met the conditions and stay, because recorded runs rank their pairs.</param>
/// <param name="Scorers">Scorers that went with their last score: no run ranks by them.</param>
/// <param name="Sessions">Sessions that went with their last score: no run names them.</param>
/// <param name="Left">Scores in the file afterwards.</param>
public sealed record PruningReport(long Deleted, long Spared, long Scorers, long Sessions, long Left);

/// <summary>Deletes scores that are not wanted any more; recorded runs stay what they were.</summary>
public static class Pruning
{
    /// <summary>Deletes in one transaction, which is taken back for a dry run.</summary>
    /// <exception cref="UserError">A scorer or a session does not exist, or is not the only one.</exception>
    public static PruningReport Run(LabFile lab, PruningSpec spec, bool dryRun)
    {
        if (!lab.Exists) throw new UserError("there is no lab file yet: nothing to prune", "--lab names another");
        lab.BeginWriting();
        // What refers to what is seen to below; SQLite would look through all scores for each session that goes.
        lab.Connection.Execute("PRAGMA foreign_keys = OFF");
        using var transaction = lab.BeginTransaction();
        var conditions = new List<string>();
        if (spec.Scorer is not null) conditions.Add($"score.scorer IN ({string.Join(", ", ScorersOf(lab, spec.Scorer))})");
        if (spec.Session is not null) conditions.Add($"score.session = {SessionOf(lab, spec.Session)}");
        if (spec.Before is { } before)
            conditions.Add($"score.session IN (SELECT id FROM session WHERE started < '{before.UtcDateTime:O}')");
        if (spec.OnlyDamaged) conditions.Add($"NOT ({RowCheck.Holds("score")})");
        var meant = string.Join(" AND ", conditions.DefaultIfEmpty("TRUE"));

        long spared = 0;
        // A damaged score is nobody's use.
        if (!spec.EvenUsed && !spec.OnlyDamaged)
        {
            ListUsedPairs(lab, meant);
            const string used = "EXISTS (SELECT 1 FROM temp.used u " +
                "WHERE u.scorer = score.scorer AND u.query = score.query AND u.pair = score.pair)";
            spared = lab.Connection.ExecuteScalar<long>($"SELECT count(*) FROM score WHERE {meant} AND {used}");
            meant += $" AND NOT {used}";
        }
        // Before the scores go: which scorers and sessions these leave empty.
        lab.Connection.Execute(
            $"""
            CREATE TEMP TABLE touched AS SELECT DISTINCT scorer, session FROM score WHERE {meant}
            """);
        long deleted = lab.Connection.Execute($"DELETE FROM score WHERE {meant}");
        long sessions = lab.Connection.Execute(
            """
            DELETE FROM session WHERE id IN (SELECT session FROM temp.touched)
            AND id NOT IN (SELECT session FROM score) AND id NOT IN (SELECT session FROM run WHERE session IS NOT NULL)
            """);
        const string empty = """
            SELECT scorer FROM temp.touched WHERE scorer NOT IN (SELECT scorer FROM run)
            AND NOT EXISTS (SELECT 1 FROM score WHERE score.scorer = touched.scorer)
            """;
        lab.Connection.Execute($"DELETE FROM scorer_name WHERE scorer IN ({empty})");
        long scorers = lab.Connection.Execute($"DELETE FROM scorer WHERE id IN ({empty})");
        long left = lab.Connection.ExecuteScalar<long>("SELECT count(*) FROM score");
        lab.Connection.Execute("DROP TABLE temp.touched; DROP TABLE IF EXISTS temp.used");
        if (dryRun) transaction.Rollback();
        else transaction.Commit();
        return new PruningReport(deleted, spared, scorers, sessions, left);
    }

    static IReadOnlyList<long> ScorersOf(LabFile lab, string asked)
    {
        var found = lab.Connection.Query<(long Id, string Fingerprint)>(
            """
            SELECT id, fingerprint FROM scorer
            WHERE substr(fingerprint, 1, length(@asked)) = lower(@asked) OR id IN (SELECT scorer FROM scorer_name WHERE name = @asked)
            """, new { asked }).ToList();
        return found.Count > 0 ? [.. found.Select(f => f.Id)]
            : throw new UserError($"--scorer: no scorer of this lab file has the name or the fingerprint '{asked}'",
                "rlab cache stats lists them");
    }

    static long SessionOf(LabFile lab, string asked)
    {
        var found = lab.Connection.Query<long>(
            "SELECT id FROM session WHERE substr(uid, 1, length(@asked)) = lower(@asked)", new { asked }).ToList();
        return found switch
        {
            [var id] => id,
            [] => throw new UserError($"--session: no session of this lab file has the id '{asked}'",
                "rlab cache stats --by session lists them"),
            _ => throw new UserError($"--session: {found.Count} sessions begin with '{asked}'",
                "rlab cache stats --by session lists them; give more digits"),
        };
    }

    /// <summary>Unpacks the pairs of recorded runs, of those scorers whose scores are meant.</summary>
    static void ListUsedPairs(LabFile lab, string meant)
    {
        lab.Connection.Execute(
            "CREATE TEMP TABLE used (scorer INTEGER, query INTEGER, pair BLOB, PRIMARY KEY (scorer, query, pair)) WITHOUT ROWID");
        var lists = lab.Connection.Query<(long Scorer, long Candidates)>(
            $"SELECT DISTINCT scorer, candidates FROM run WHERE scorer IN (SELECT DISTINCT scorer FROM score WHERE {meant})").ToList();
        foreach (var (scorer, candidates) in lists)
            foreach (var (query, pairs) in lab.Connection.Query<(long, byte[])>(
                         "SELECT query, pairs FROM candidate_query WHERE candidates = @candidates AND pairs IS NOT NULL",
                         new { candidates }, buffered: false))
                lab.Connection.Execute("INSERT OR IGNORE INTO temp.used (scorer, query, pair) VALUES (@scorer, @query, @pair)",
                    pairs.Chunk(PairKey.Size).Select(pair => new { scorer, query, pair }));
    }
}
