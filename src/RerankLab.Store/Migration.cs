using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Store;

/// <summary>Numbered scripts that bring a lab file's schema to the latest version, embedded from Migrations/NNNN_name.sql.</summary>
static class Migration
{
    static readonly SortedDictionary<int, string> Scripts = Load();

    /// <summary>The schema version that this rlab writes.</summary>
    public static int Latest => Scripts.Keys.Max();

    /// <summary>Applies what is missing, in one transaction.</summary>
    public static void Apply(SqliteConnection connection, int applicationId)
    {
        using var transaction = connection.BeginTransaction();
        // Read under the lock: another process may have been first.
        var version = connection.ExecuteScalar<int>("PRAGMA user_version", transaction: transaction);
        foreach (var (number, script) in Scripts)
            if (number > version) connection.Execute(script, transaction: transaction);
        connection.Execute($"PRAGMA application_id = {applicationId}; PRAGMA user_version = {Latest}", transaction: transaction);
        transaction.Commit();
    }

    static SortedDictionary<int, string> Load()
    {
        var scripts = new SortedDictionary<int, string>();
        var assembly = typeof(Migration).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            scripts.Add(int.Parse(name.Split("Migrations.")[1].AsSpan(0, 4)), reader.ReadToEnd());
        }
        return scripts;
    }
}
