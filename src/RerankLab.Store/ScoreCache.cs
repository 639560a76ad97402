using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
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

    /// <summary>Fewer pairs are found before another connection is open.</summary>
    const int PairsWorthAConnection = 20_000;

    sealed record ScorerRow(string Kind, string Name, string Precision, string Spec);

    sealed record SessionRow(long Id, string Uid, string Started, string Device, string Provider, string Versions, string Host)
    {
        /// <summary>What can be read of it: a session may be damaged, or made by hand.</summary>
        public ScoringSession ToSession() => new(Uid,
            DateTimeOffset.TryParse(Started, CultureInfo.InvariantCulture, out var started) ? started : default,
            new ScorerBackend(Device, Provider, Facts(Versions)), Facts(Host));

        static Dictionary<string, string> Facts(string json)
        {
            try
            {
                return JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
            }
            catch (JsonException)
            {
                return [];
            }
        }
    }

    public IReadOnlyList<ScorerIdentity> ScorersNamed(string name)
    {
        if (!lab.Exists) return [];
        lab.NoteDamaged("scorer", "substr(fingerprint, 1, 12)", RowCheck.Holds("scorer"));
        lab.NoteDamaged("scorer_name", "name", RowCheck.Holds("scorer_name"));
        return [.. lab.Connection.Query<ScorerRow>(
                $"""
                SELECT kind, name, precision, spec FROM scorer JOIN scorer_name ON scorer.id = scorer_name.scorer
                WHERE name = @name AND {RowCheck.Holds("scorer")} AND {RowCheck.Holds("scorer_name")} ORDER BY scorer.id DESC
                """, new { name })
            .Select(r => new ScorerIdentity(r.Kind, r.Name, r.Precision, r.Spec))];
    }

    public void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into)
    {
        uint ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(scorer.Fingerprint));
        Scan(scorer, keys, "logit, tokens, crc", (q, c, of, row) =>
        {
            double logit = RowReading.Double(row, 1);
            int tokens = RowReading.Int(row, 2);
            if (RowCheck.OfScore(ofScorer, of.Query, of.Pairs[c], logit, tokens) == RowReading.Int(row, 3))
                into.Set(q, c, (float)logit, tokens);
            else
                into.SetDamaged(q, c, (float)logit, tokens);
        });
    }

    public ScoringSession?[][] SessionsOf(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys)
    {
        ScoringSession?[][] found = [.. keys.Select(k => new ScoringSession?[k.Pairs.Length])];
        if (!lab.Exists) return found;
        lab.NoteDamaged("session", "uid", RowCheck.Holds("session"), consequence: "its facts may be wrong");
        var sessions = lab.Connection.Query<SessionRow>(
                """
                SELECT id, CAST(uid AS TEXT) AS uid, CAST(started AS TEXT) AS started, CAST(device AS TEXT) AS device,
                    CAST(provider AS TEXT) AS provider, CAST(versions AS TEXT) AS versions, CAST(host AS TEXT) AS host
                FROM session
                """)
            .ToDictionary(s => s.Id, s => s.ToSession());
        Scan(scorer, keys, "session", (q, c, _, row) => found[q][c] = sessions.GetValueOrDefault(RowReading.Long(row, 1)));
        return found;
    }

    /// <summary>
    /// Looks at the score of every pair that has one. Both sides stand in the order of the pair keys: a query is one range scan, which
    /// skips ahead where the file has many more of its pairs than are wanted. Many queries are shared out among the cores, each with a
    /// connection and one read transaction.
    /// </summary>
    /// <param name="scorer">Whose scores.</param>
    /// <param name="keys">The pairs.</param>
    /// <param name="columns">What is read beside the pair's key, which is column 0.</param>
    /// <param name="see">
    /// Is given the query's ordinal, the candidate's, the query's keys and the row; by several threads, but a query by one.
    /// </param>
    void Scan(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, string columns, Action<int, int, QueryKeys, nint> see)
    {
        if (!lab.Exists || lab.Connection.ExecuteScalar<long?>("SELECT id FROM scorer WHERE fingerprint = @Fingerprint", scorer) is not { } id) return;

        var sql = $"SELECT pair, {columns} FROM score WHERE scorer = {id} AND query = ? AND pair >= ? ORDER BY pair";
        int shares = (int)Math.Clamp(keys.Sum(k => (long)k.Pairs.Length) / PairsWorthAConnection, 1, Environment.ProcessorCount);
        var share = (keys.Count + shares - 1) / shares;
        try
        {
            Parallel.For(0, shares, i =>
            {
                // Of connections of their own all: the writer's cache would be filled with what is read once, from another thread's memory.
                using var reading = shares == 1 ? null : lab.AnotherReader();
                ScanSome(reading ?? lab.Connection, sql, keys, i * share, Math.Min((i + 1) * share, keys.Count), see);
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void ScanSome(SqliteConnection connection, string sql, IReadOnlyList<QueryKeys> keys, int first, int end,
        Action<int, int, QueryKeys, nint> see)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        Check(raw.sqlite3_prepare_v2(connection.Handle, sql, out var select));
        using var _ = select;
        nint rows = select.DangerousGetHandle();
        using var alone = RowReading.Alone(connection);
        var (sorted, places) = (Array.Empty<UInt128>(), Array.Empty<int>());
        Span<byte> from = stackalloc byte[PairKey.Size];
        for (int q = first; q < end; q++)
        {
            var query = keys[q];
            Sort(query.Pairs, ref sorted, ref places);
            var wanted = sorted.AsSpan(0, query.Pairs.Length);
            Check(raw.sqlite3_bind_int64(select, 1, query.Query));
            for (int next = 0; next < wanted.Length;)
            {
                new PairKey(wanted[next]).CopyTo(from);
                Check(raw.sqlite3_bind_blob(select, 2, from));
                int passed = 0, result = raw.SQLITE_ROW;
                while (next < wanted.Length && passed < PassBeforeSkipping && (result = RowReading.Step(rows)) == raw.SQLITE_ROW)
                {
                    var key = RowReading.Blob(rows, 0);
                    passed++;
                    // Damaged, so that it is no key at all.
                    if (key.Length != PairKey.Size) continue;
                    var found = PairKey.From(key).Value;
                    while (next < wanted.Length && wanted[next] < found) next++;
                    // Two candidates of one text have one key.
                    for (; next < wanted.Length && wanted[next] == found; next++, passed = 0)
                        see(q, places[next], query, rows);
                }
                raw.sqlite3_reset(select);
                if (result == raw.SQLITE_DONE) break;
                if (result != raw.SQLITE_ROW) Check(result);
            }
        }

        void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
    }

    /// <summary>Puts the keys in order, and where each of them stands, into arrays that are made anew where they are too short.</summary>
    static void Sort(PairKey[] pairs, ref UInt128[] keys, ref int[] places)
    {
        if (keys.Length < pairs.Length) (keys, places) = (new UInt128[pairs.Length], new int[pairs.Length]);
        for (int i = 0; i < pairs.Length; i++) (keys[i], places[i]) = (pairs[i].Value, i);
        Array.Sort(keys, places, 0, pairs.Length);
    }

    public IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend) => new ScoreWriter(lab, scorer, backend);
}
