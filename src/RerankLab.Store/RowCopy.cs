using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Store;

/// <summary>Copies rows from one lab file to another, value by value, with their check values.</summary>
static class RowCopy
{
    /// <param name="from">The lab file that has them.</param>
    /// <param name="select">Selects them; <c>@id</c> is the argument.</param>
    /// <param name="id">The argument.</param>
    /// <param name="to">The lab file that gets them.</param>
    /// <param name="insert">Inserts one: <c>?1</c>, <c>?2</c>, … are the values selected.</param>
    /// <returns>How many rows were inserted.</returns>
    public static int Rows(LabFile from, string select, long id, LabFile to, string insert)
    {
        using var reading = from.Connection.CreateCommand();
        reading.CommandText = select;
        reading.Parameters.AddWithValue("@id", id);
        using var rows = reading.ExecuteReader();
        using var inserting = to.Connection.CreateCommand();
        inserting.CommandText = insert;
        var values = Enumerable.Range(1, rows.FieldCount).Select(n => inserting.Parameters.Add($"?{n}", SqliteType.Text)).ToArray();
        int inserted = 0;
        while (rows.Read())
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i].ResetSqliteType();
                values[i].Value = rows.GetValue(i);
            }
            inserted += inserting.ExecuteNonQuery();
        }
        return inserted;
    }

    /// <summary>Copies a scorer with its names, where they are new.</summary>
    public static void Scorer(LabFile from, long id, LabFile to)
    {
        Rows(from, "SELECT fingerprint, kind, spec, crc FROM scorer WHERE id = @id", id, to,
            "INSERT INTO scorer (fingerprint, kind, spec, crc) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING");
        Rows(from,
            $"""
            SELECT name, precision, (SELECT fingerprint FROM scorer WHERE id = scorer_name.scorer), crc
            FROM scorer_name WHERE scorer = @id AND {RowCheck.Holds("scorer_name")}
            """, id, to,
            """
            INSERT INTO scorer_name (name, precision, scorer, crc)
            SELECT ?1, ?2, id, ?4 FROM scorer WHERE fingerprint = ?3 ON CONFLICT DO NOTHING
            """);
    }

    /// <summary>
    /// Copies a session, where it is new. One that was still going on when one of the files was copied: what is known of it later is true.
    /// </summary>
    /// <returns>Its id there.</returns>
    public static long Session(LabFile from, long id, LabFile to)
    {
        Rows(from, "SELECT uid, started, ended, scored, device, provider, versions, host, crc FROM session WHERE id = @id", id, to,
            """
            INSERT INTO session (uid, started, ended, scored, device, provider, versions, host, crc)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (uid) DO UPDATE SET ended = coalesce(ended, excluded.ended), scored = max(scored, excluded.scored)
            """);
        var uid = from.Connection.ExecuteScalar<string>("SELECT uid FROM session WHERE id = @id", new { id });
        return to.Connection.ExecuteScalar<long>("SELECT id FROM session WHERE uid = @uid", new { uid });
    }
}
