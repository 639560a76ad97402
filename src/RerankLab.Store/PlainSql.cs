using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>
/// SQL without parameters through SQLite's own functions. Every process opens its lab file anew, and the layers above would first have to
/// be compiled in each, which takes longer than the opening itself (docs/adr/0011).
/// </summary>
/// <remarks>Waits for others as long as a command of the connection does.</remarks>
static class PlainSql
{
    /// <summary>Executes statements; unlike a command it does not pass over one that fails after giving a row, as ALTER TABLE can.</summary>
    /// <exception cref="SqliteException">One failed; those before it are done.</exception>
    public static void Execute(SqliteConnection connection, string statements) =>
        Waiting(connection, handle => Check(raw.sqlite3_exec(handle, statements), handle));

    /// <summary>Reads the rows of one statement.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="see">Is given each row; its columns are read by SQLite's functions.</param>
    /// <exception cref="SqliteException">It failed; some rows may have been seen.</exception>
    public static void Read(SqliteConnection connection, string statement, Action<sqlite3_stmt> see) => Waiting(connection, handle =>
    {
        Check(raw.sqlite3_prepare_v2(handle, statement, out var rows), handle);
        using var _ = rows;
        int result;
        while ((result = raw.sqlite3_step(rows)) == raw.SQLITE_ROW) see(rows);
        if (result != raw.SQLITE_DONE) Check(result, handle);
    });

    static void Waiting(SqliteConnection connection, Action<sqlite3> work)
    {
        var handle = connection.Handle!;
        raw.sqlite3_busy_timeout(handle, connection.DefaultTimeout * 1000);
        try
        {
            work(handle);
        }
        finally
        {
            // Commands wait by themselves, some of them for a shorter time.
            raw.sqlite3_busy_timeout(handle, 0);
        }
    }

    static void Check(int result, sqlite3 handle) => SqliteException.ThrowExceptionForRC(result, handle);
}
