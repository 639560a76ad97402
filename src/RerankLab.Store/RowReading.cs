using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace RerankLab.Store;

/// <summary>
/// Steps through rows and reads their columns without the reference counting that SQLitePCLRaw does around every call: a look-up makes
/// six such calls a score, which cost more than SQLite's own work (docs/adr/0011). The statement must be kept from being disposed
/// meanwhile.
/// </summary>
static partial class RowReading
{
    const string Sqlite = "e_sqlite3";

    /// <summary>
    /// Keeps other threads from a connection until it is disposed of, in the same thread. Every call takes the connection's lock, which
    /// is quicker for a thread that has it already.
    /// </summary>
    public static IDisposable Alone(SqliteConnection connection) => new Held(MutexOf(connection.Handle!.DangerousGetHandle()));

    sealed class Held : IDisposable
    {
        readonly nint _mutex;

        public Held(nint mutex) => Enter(_mutex = mutex);

        public void Dispose() => Leave(_mutex);
    }

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_db_mutex")]
    private static partial nint MutexOf(nint connection);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_mutex_enter")]
    private static partial void Enter(nint mutex);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_mutex_leave")]
    private static partial void Leave(nint mutex);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_column_double"), SuppressGCTransition]
    public static partial double Double(nint statement, int column);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_column_int"), SuppressGCTransition]
    public static partial int Int(nint statement, int column);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long Long(nint statement, int column);

    /// <summary>Good until the next step.</summary>
    public static unsafe ReadOnlySpan<byte> Blob(nint statement, int column)
    {
        // In this order: sqlite.org/c3ref/column_blob.html.
        var bytes = BlobAt(statement, column);
        return new ReadOnlySpan<byte>(bytes, LengthOf(statement, column));
    }

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    private static unsafe partial byte* BlobAt(nint statement, int column);

    [LibraryImport(Sqlite, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    private static partial int LengthOf(nint statement, int column);
}
