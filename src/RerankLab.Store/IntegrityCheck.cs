using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;

namespace RerankLab.Store;

/// <summary>What a finding means.</summary>
public enum IntegrityResult
{
    /// <summary>Nothing found.</summary>
    Ok,

    /// <summary>Harmless: what nobody refers to any more, sessions that were killed.</summary>
    Note,

    /// <summary>Something is not what was written.</summary>
    Damage,
}

/// <summary>What one check found.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Count">How many.</param>
/// <param name="Example">One of them, or what SQLite says.</param>
public sealed record IntegrityFinding(string Check, IntegrityResult Kind, long Count, string? Example);

/// <summary>Looks at every byte of a lab file that means something. Changes nothing.</summary>
public sealed class IntegrityCheck(LabFile lab)
{
    /// <summary>Every check, in a fixed order.</summary>
    public IReadOnlyList<IntegrityFinding> Run()
    {
        lab.Connection.CreateFunction("sha256", (byte[] data) => SHA256.HashData(data));
        return [.. Checks()];
    }

    IEnumerable<IntegrityFinding> Checks() =>
    [
        Damage("pages and indices (integrity_check)", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        Damage("references (foreign_key_check)", "SELECT \"table\" || ' to ' || parent FROM pragma_foreign_key_check"),
        .. RowCheck.Expressions.Keys.Select(table =>
            Damage($"check values of {table}", $"SELECT {Names[table]} FROM {table} WHERE NOT ({RowCheck.Holds(table)})")),
        Damage("fingerprints of scorers", "SELECT fingerprint FROM scorer WHERE fingerprint <> lower(hex(sha256(CAST(spec AS BLOB))))"),
        Damage("hashes of logits", "SELECT 'logits ' || id FROM logits WHERE hash <> sha256(data)"),
        Damage("logits that are not finite", $"SELECT {Names["score"]} FROM score WHERE abs(logit) > 3.4028234663852886e38"),
        Damage("keys of scores", $"SELECT {Names["score"]} FROM score WHERE length(pair) <> {PairKey.Size}"),
        Damage("lengths of lists", $"""
            SELECT 'query ' || qid FROM candidate_query
            WHERE length(pairs) <> {PairKey.Size} * json_array_length(documents) OR length(scores) <> 8 * json_array_length(documents)
            """),
        Damage("times and scores of submissions", $"SELECT {Names["submission"]} FROM submission WHERE NOT {SubmissionStore.IsPossible}"),
        Damage("lists of runs", """
            SELECT 'run ' || run.name || ' (' || uid || ')' FROM run WHERE (SELECT count(*) FROM run_query WHERE run_query.run = run.id)
            NOT IN (0, (SELECT count(*) FROM candidate_query WHERE candidate_query.candidates = run.candidates))
            """),
        Note("lists of candidates without a run", """
            SELECT fingerprint FROM candidates WHERE id NOT IN (SELECT candidates FROM run UNION ALL SELECT candidates FROM job)
            """),
        Note("qrels without a run", """
            SELECT fingerprint FROM qrels
            WHERE id NOT IN (SELECT qrels FROM run WHERE qrels IS NOT NULL UNION ALL SELECT qrels FROM job WHERE qrels IS NOT NULL)
            """),
        Note("logits without a run", "SELECT 'logits ' || id FROM logits WHERE id NOT IN (SELECT logits FROM run_query)"),
        Note("scorers without scores and runs", """
            SELECT fingerprint FROM scorer WHERE id NOT IN (SELECT scorer FROM run)
            AND NOT EXISTS (SELECT 1 FROM score WHERE score.scorer = scorer.id)
            """),
        Note("sessions without an end (killed, or going on)", "SELECT uid FROM session WHERE ended IS NULL"),
    ];

    /// <summary>How a row of each table is named to the user.</summary>
    static readonly IReadOnlyDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["scorer"] = "fingerprint",
        ["scorer_name"] = "name || ' ' || precision",
        ["session"] = "uid",
        ["score"] = "'pair ' || lower(hex(pair)) || ' of scorer ' || " +
            "substr((SELECT fingerprint FROM scorer WHERE id = score.scorer), 1, 12)",
        ["candidate_query"] = "'query ' || qid || ' of candidates ' || candidates",
        ["qrels_query"] = "'query ' || qid || ' of qrels ' || qrels",
        ["run"] = "name || ' (' || uid || ')'",
        ["run_query"] = "'query ' || ordinal || ' of run ' || (SELECT uid FROM run WHERE run.id = run_query.run)",
        ["job"] = "experiment_path",
        ["measure"] = "name || ' of run ' || (SELECT uid FROM run WHERE run.id = measure.run)",
        ["submission"] = SubmissionStore.Name,
    };

    IntegrityFinding Damage(string check, string rows) => Look(check, IntegrityResult.Damage, rows);

    IntegrityFinding Note(string check, string rows) => Look(check, IntegrityResult.Note, rows);

    IntegrityFinding Look(string check, IntegrityResult kind, string rows)
    {
        try
        {
            var (count, example) = lab.Connection.QuerySingle<(long, string?)>(
                $"WITH found(name) AS ({rows}) SELECT count(*), min(name) FROM found");
            return new IntegrityFinding(check, count == 0 ? IntegrityResult.Ok : kind, count, example);
        }
        // What is damaged badly enough cannot be read, or is not of the type that it should be.
        catch (SqliteException e)
        {
            return new IntegrityFinding(check, IntegrityResult.Damage, 1, e.Message);
        }
    }
}
