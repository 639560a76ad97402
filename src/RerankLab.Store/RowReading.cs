using System.Runtime.InteropServices;

namespace RerankLab.Store;

/// <summary>
/// Steps through rows and reads their columns without the reference counting that SQLitePCLRaw does around every call: a look-up makes
/// six such calls a score, which cost more than SQLite's own work (docs/adr/0011). The statement must be kept from being disposed
/// meanwhile.
/// </summary>
static partial class RowReading
{
    const string Sqlite = "e_sqlite3";

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
