using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>Keeps scorers.</summary>
static class ScorerTable
{
    /// <summary>The scorer's id, adding it, and the name it goes by, where they are new.</summary>
    public static long Keep(SqliteConnection connection, ScorerIdentity scorer)
    {
        connection.Execute("INSERT INTO scorer (fingerprint, kind, spec) VALUES (@Fingerprint, @Kind, @Spec) ON CONFLICT DO NOTHING", scorer);
        var id = connection.ExecuteScalar<long>("SELECT id FROM scorer WHERE fingerprint = @Fingerprint", scorer);
        connection.Execute("INSERT INTO scorer_name (name, precision, scorer) VALUES (@Name, @Precision, @id) ON CONFLICT DO NOTHING",
            new { scorer.Name, scorer.Precision, id });
        RowCheck.Set(connection, "scorer", "id = @id", new { id });
        RowCheck.Set(connection, "scorer_name", "scorer = @id", new { id });
        return id;
    }
}
