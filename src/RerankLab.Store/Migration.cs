using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>Numbered scripts that bring a lab file's schema to the latest version, embedded from Migrations/NNNN_name.sql.</summary>
static class Migration
{
    /// <summary>At n the script that makes schema n + 1 of schema n.</summary>
    static readonly string[] Scripts = Load();

    /// <summary>The schema version that this rlab writes.</summary>
    public static int Latest => Scripts.Length;

    /// <summary>
    /// Makes the tables of an empty file in one transaction; brings an older file up to date, after a backup copy, by one transaction
    /// a script.
    /// </summary>
    /// <exception cref="UserError">There is no room for the backup.</exception>
    public static void Apply(LabFile lab)
    {
        for (bool isFirst = true; ApplyNext(lab, isFirst) is { } reached; isFirst = false)
            lab.Note($"{Path.GetFileName(lab.FullPath)} was brought to schema {reached}");
    }

    /// <summary>The version that an older file was brought to; null when there is nothing more to do.</summary>
    static int? ApplyNext(LabFile lab, bool backsUp)
    {
        using var transaction = lab.BeginTransaction();
        // Read under the lock: another process may have been first.
        var version = lab.Connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction);
        if (version == Latest) return null;
        if (version == 0)
        {
            for (int made = 0; made < Latest; made++) Bring(made);
            transaction.Commit();
            return null;
        }
        if (backsUp) BackUp(lab, version);
        Bring(version);
        transaction.Commit();
        return version + 1;

        void Bring(int from) => PlainSql.Execute(lab.Connection,
            $"{Scripts[from]}; PRAGMA application_id = {LabFile.ApplicationId}; PRAGMA user_version = {from + 1}");
    }

    /// <summary>Copies the file, as the transaction found it, beside itself; a copy that is there already is kept.</summary>
    static void BackUp(LabFile lab, int version)
    {
        var backup = $"{lab.FullPath}.schema{version}.bak";
        for (int i = 2; File.Exists(backup); i++) backup = $"{lab.FullPath}.schema{version}-{i}.bak";
        var unfinished = backup + ".part";
        try
        {
            // A copy that a kill cut short.
            foreach (var left in (string[])[unfinished, unfinished + "-journal"]) File.Delete(left);
            using (var original = LabFile.ConnectionTo(lab.FullPath, SqliteOpenMode.ReadOnly))
            using (var copy = LabFile.ConnectionTo(unfinished, SqliteOpenMode.ReadWriteCreate))
            {
                // SQLite does not copy by the connection that writes.
                original.Open();
                copy.Open();
                original.BackupDatabase(copy);
                // A copy of a file in WAL says that it is in WAL.
                copy.ExecuteScalar("PRAGMA journal_mode = DELETE");
            }
            File.Move(unfinished, backup);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 10 or 13)
        {
            File.Delete(unfinished);
            throw new UserError($"{backup}: cannot make this copy of the lab file before bringing it to schema {Latest}: {e.Message}",
                "nothing was changed; free some space");
        }
        lab.Note($"this lab file is of schema {version}, older than this rlab's ({Latest}): " +
            $"a copy of it as it was is kept in {Path.GetFileName(backup)}");
    }

    /// <summary>Whether everything that the scripts make is in the file as they make it; others may have added to it.</summary>
    public static bool IsSchemaOf(SqliteConnection connection) => Made.Value.IsSubsetOf(SchemaOf(connection));

    /// <summary>What the scripts make of an empty file.</summary>
    static readonly Lazy<HashSet<string>> Made = new(() =>
    {
        using var memory = new SqliteConnection("Data Source=:memory:");
        memory.Open();
        RowCheck.AddFunction(memory.Handle!);
        foreach (var script in Scripts) PlainSql.Execute(memory, script);
        return SchemaOf(memory);
    });

    static HashSet<string> SchemaOf(SqliteConnection connection)
    {
        var schema = new HashSet<string>();
        PlainSql.Read(connection, "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema",
            row => schema.Add(raw.sqlite3_column_text(row, 0).utf8_to_string()));
        return schema;
    }

    static string[] Load()
    {
        var assembly = typeof(Migration).Assembly;
        var names = assembly.GetManifestResourceNames();
        Array.Sort(names, StringComparer.Ordinal);
        return Array.ConvertAll(names, name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd();
        });
    }
}
