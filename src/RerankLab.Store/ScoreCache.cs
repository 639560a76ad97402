using System.Globalization;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Core.Verification;

namespace RerankLab.Store;

/// <summary>The scores of a lab file.</summary>
public sealed class ScoreCache(LabFile lab) : IScoreCache, IScoreSessions
{
    sealed record ScorerRow(string Kind, string Name, string Precision, string Spec);

    sealed record SessionRow(long Id, string Uid, string Started, string Device, string Provider, string Versions, string Host)
    {
        public ScoringSession ToSession() => new(Uid, DateTimeOffset.Parse(Started, CultureInfo.InvariantCulture),
            new ScorerBackend(Device, Provider, Facts(Versions)), Facts(Host));

        static Dictionary<string, string> Facts(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
    }

    public IReadOnlyList<ScorerIdentity> ScorersNamed(string name) =>
        !lab.Exists ? [] : [.. lab.Connection.Query<ScorerRow>(
                """
                SELECT kind, name, precision, spec FROM scorer JOIN scorer_name ON scorer.id = scorer_name.scorer
                WHERE name = @name ORDER BY scorer.id DESC
                """, new { name })
            .Select(r => new ScorerIdentity(r.Kind, r.Name, r.Precision, r.Spec))];

    public void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into) =>
        Scan(scorer, keys, "logit, tokens", (q, c, row) => into.Set(q, c, (float)row.GetDouble(1), row.GetInt32(2)));

    public ScoringSession?[][] SessionsOf(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys)
    {
        ScoringSession?[][] found = [.. keys.Select(k => new ScoringSession?[k.Pairs.Length])];
        if (!lab.Exists) return found;
        var sessions = lab.Connection.Query<SessionRow>("SELECT id, uid, started, device, provider, versions, host FROM session")
            .ToDictionary(s => s.Id, s => s.ToSession());
        Scan(scorer, keys, "session", (q, c, row) => found[q][c] = sessions.GetValueOrDefault(row.GetInt64(1)));
        return found;
    }

    /// <summary>
    /// Looks at the score of every pair that has one. One range scan a query, in one read transaction; both sides stand in
    /// the order of the pair keys.
    /// </summary>
    /// <param name="scorer">Whose scores.</param>
    /// <param name="keys">The pairs.</param>
    /// <param name="columns">What is read beside the pair's key, which is column 0.</param>
    /// <param name="see">Is given the query's ordinal, the candidate's, and the row.</param>
    void Scan(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, string columns, Action<int, int, SqliteDataReader> see)
    {
        if (!lab.Exists || lab.Connection.ExecuteScalar<long?>("SELECT id FROM scorer WHERE fingerprint = @Fingerprint", scorer) is not { } id) return;

        using var transaction = lab.Connection.BeginTransaction(deferred: true);
        using var select = lab.Connection.CreateCommand();
        select.Transaction = transaction;
        select.CommandText = $"SELECT pair, {columns} FROM score WHERE scorer = $scorer AND query = $query ORDER BY pair";
        select.Parameters.AddWithValue("$scorer", id);
        var query = select.Parameters.Add("$query", SqliteType.Integer);
        select.Prepare();

        var pair = new byte[PairKey.Size];
        for (int q = 0; q < keys.Count; q++)
        {
            query.Value = keys[q].Query;
            var wanted = keys[q].Pairs;
            var order = Enumerable.Range(0, wanted.Length).ToArray();
            Array.Sort(order, (a, b) => wanted[a].Value.CompareTo(wanted[b].Value));
            int next = 0;
            using var reader = select.ExecuteReader();
            while (next < order.Length && reader.Read())
            {
                reader.GetBytes(0, 0, pair, 0, pair.Length);
                var found = PairKey.From(pair);
                while (next < order.Length && wanted[order[next]].Value < found.Value) next++;
                // Two candidates of one text have one key.
                for (; next < order.Length && wanted[order[next]] == found; next++)
                    see(q, order[next], reader);
            }
        }
    }

    public IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend) => new ScoreWriter(lab, scorer, backend);
}
