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
}
