using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Core.Verification;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>The scores of a lab file.</summary>
public sealed class ScoreCache(LabFile lab) : IScoreCache, IScoreSessions
{
    /// <summary>After so many rows that nobody wants a new search costs less than going on; measured: docs/adr/0011.</summary>
    const int PassBeforeSkipping = 16;

    sealed record ScorerRow
    {
        public string Kind { get; init; } = "";
        public string Name { get; init; } = "";
        public string Precision { get; init; } = "";
        public string Spec { get; init; } = "";
        public bool Holds { get; init; }
    }

    sealed record SessionRow(long Id, string Uid, string Started, string Device, string Provider, string Versions, string Host)
    {
        public ScoringSession ToSession() => new(Uid, DateTimeOffset.Parse(Started, CultureInfo.InvariantCulture),
            new ScorerBackend(Device, Provider, Facts(Versions)), Facts(Host));

        static Dictionary<string, string> Facts(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
    }

    public IReadOnlyList<ScorerIdentity> ScorersNamed(string name) =>
        !lab.Exists ? [] : [.. lab.Connection.Query<ScorerRow>(
                $"""
                SELECT kind, name, precision, spec, {RowCheck.Holds("scorer")} AND {RowCheck.Holds("scorer_name")} AS holds
                FROM scorer JOIN scorer_name ON scorer.id = scorer_name.scorer
                WHERE name = @name ORDER BY scorer.id DESC
                """, new { name })
            .Where(r => r.Holds || lab.LeavesOut($"a scorer of the name '{name}'"))
            .Select(r => new ScorerIdentity(r.Kind, r.Name, r.Precision, r.Spec))];

    public void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into)
    {
        uint ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(scorer.Fingerprint));
        Scan(scorer, keys, "logit, tokens, crc", (q, c, row) =>
        {
            double logit = raw.sqlite3_column_double(row, 1);
            int tokens = raw.sqlite3_column_int(row, 2);
            if (RowCheck.OfScore(ofScorer, keys[q].Query, keys[q].Pairs[c], logit, tokens) == raw.sqlite3_column_int(row, 3))
                into.Set(q, c, (float)logit, tokens);
            else
                into.SetDamaged(q, c, (float)logit, tokens);
        });
    }

    public ScoringSession?[][] SessionsOf(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys)
    {
        ScoringSession?[][] found = [.. keys.Select(k => new ScoringSession?[k.Pairs.Length])];
        if (!lab.Exists) return found;
        var sessions = lab.Connection.Query<SessionRow>("SELECT id, uid, started, device, provider, versions, host FROM session")
            .ToDictionary(s => s.Id, s => s.ToSession());
        Scan(scorer, keys, "session", (q, c, row) => found[q][c] = sessions.GetValueOrDefault(raw.sqlite3_column_int64(row, 1)));
        return found;
    }

    /// <summary>
    /// Looks at the score of every pair that has one, in one read transaction. Both sides stand in the order of the pair keys: a
    /// query is one range scan, which skips ahead where the file has many more of its pairs than are wanted.
    /// </summary>
    /// <param name="scorer">Whose scores.</param>
    /// <param name="keys">The pairs.</param>
    /// <param name="columns">What is read beside the pair's key, which is column 0.</param>
    /// <param name="see">Is given the query's ordinal, the candidate's, and the row.</param>
    void Scan(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, string columns, Action<int, int, sqlite3_stmt> see)
    {
        if (!lab.Exists || lab.Connection.ExecuteScalar<long?>("SELECT id FROM scorer WHERE fingerprint = @Fingerprint", scorer) is not { } id) return;

        using var transaction = lab.Connection.BeginTransaction(deferred: true);
        Check(raw.sqlite3_prepare_v2(lab.Connection.Handle,
            $"SELECT pair, {columns} FROM score WHERE scorer = {id} AND query = ? AND pair >= ? ORDER BY pair", out var select));
        using var _ = select;
        Span<byte> from = stackalloc byte[PairKey.Size];
        var sorted = new (UInt128[] Keys, int[] Places)[keys.Count];
        Parallel.For(0, sorted.Length, q => sorted[q] = InOrder(keys[q].Pairs));
        for (int q = 0; q < keys.Count; q++)
        {
            var (wanted, order) = sorted[q];
            Check(raw.sqlite3_bind_int64(select, 1, keys[q].Query));
            for (int next = 0; next < wanted.Length;)
            {
                new PairKey(wanted[next]).CopyTo(from);
                Check(raw.sqlite3_bind_blob(select, 2, from));
                int passed = 0, result = raw.SQLITE_ROW;
                while (next < wanted.Length && passed < PassBeforeSkipping && (result = raw.sqlite3_step(select)) == raw.SQLITE_ROW)
                {
                    var found = PairKey.From(raw.sqlite3_column_blob(select, 0)).Value;
                    passed++;
                    while (next < wanted.Length && wanted[next] < found) next++;
                    // Two candidates of one text have one key.
                    for (; next < wanted.Length && wanted[next] == found; next++, passed = 0)
                        see(q, order[next], select);
                }
                raw.sqlite3_reset(select);
                if (result == raw.SQLITE_DONE) break;
                if (result != raw.SQLITE_ROW) Check(result);
            }
        }
    }

    /// <summary>The keys in order, and where each of them stands.</summary>
    static (UInt128[] Keys, int[] Places) InOrder(PairKey[] pairs)
    {
        var (keys, places) = (new UInt128[pairs.Length], new int[pairs.Length]);
        for (int i = 0; i < pairs.Length; i++) (keys[i], places[i]) = (pairs[i].Value, i);
        Array.Sort(keys, places);
        return (keys, places);
    }

    void Check(int result) => SqliteException.ThrowExceptionForRC(result, lab.Connection.Handle);

    public IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend) => new ScoreWriter(lab, scorer, backend);
}
