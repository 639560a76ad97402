using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>The scores of a lab file.</summary>
public sealed class ScoreCache(LabFile lab) : IScoreCache
{
    sealed record ScorerRow(string Kind, string Name, string Precision, string Spec);

    public IReadOnlyList<ScorerIdentity> ScorersNamed(string name) =>
        !lab.Exists ? [] : [.. lab.Connection.Query<ScorerRow>(
                """
                SELECT kind, name, precision, spec FROM scorer JOIN scorer_name ON scorer.id = scorer_name.scorer
                WHERE name = @name ORDER BY scorer.id DESC
                """, new { name })
            .Select(r => new ScorerIdentity(r.Kind, r.Name, r.Precision, r.Spec))];

    /// <summary>One range scan a query, in one read transaction; both sides stand in the order of the pair keys.</summary>
    public void Find(ScorerIdentity scorer, IReadOnlyList<QueryKeys> keys, PairScores into)
    {
        if (!lab.Exists || lab.Connection.ExecuteScalar<long?>("SELECT id FROM scorer WHERE fingerprint = @Fingerprint", scorer) is not { } id) return;

        using var transaction = lab.Connection.BeginTransaction(deferred: true);
        using var select = lab.Connection.CreateCommand();
        select.Transaction = transaction;
        select.CommandText = "SELECT pair, logit, tokens FROM score WHERE scorer = $scorer AND query = $query ORDER BY pair";
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
                    into.Set(q, order[next], (float)reader.GetDouble(1), reader.GetInt32(2));
            }
        }
    }

    public IScoreWriter BeginSession(ScorerIdentity scorer, ScorerBackend backend) => new ScoreWriter(lab, scorer, backend);
}
