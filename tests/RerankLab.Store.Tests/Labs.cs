using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store.Tests;

/// <summary>What tests do to lab files, through rlab and behind its back.</summary>
static class Labs
{
    /// <summary>A lab file opened for writing and made, where it was not there.</summary>
    public static LabFile Write(string path)
    {
        var lab = LabFile.OpenForWriting(path);
        lab.BeginWriting();
        return lab;
    }

    /// <summary>Makes a lab file with scores of one query, numbered from 1, each with its number as logit and tokens.</summary>
    public static string Make(TemporaryFolder folder, int scores = 3, string name = "lab.db")
    {
        var path = folder[name];
        using var lab = LabFile.OpenForWriting(path);
        using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
        for (int i = 1; i <= scores; i++) writer.Add(7, Some.Pair(i), i, i);
        return path;
    }

    /// <summary>What <see cref="Make"/> wrote, as far as it is found: the logits of pairs 1 to <paramref name="upTo"/>.</summary>
    public static float[] Scores(string path, int upTo)
    {
        using var lab = LabFile.OpenForReading(path);
        return Find(lab, Some.Scorer(), new QueryKeys(7, [.. Enumerable.Range(1, upTo).Select(Some.Pair)]));
    }

    /// <summary>One query's logits, NaN where there is none.</summary>
    public static float[] Find(LabFile lab, ScorerIdentity scorer, QueryKeys keys)
    {
        var found = new PairScores([keys]);
        new ScoreCache(lab).Find(scorer, [keys], found);
        return found.Logits[0];
    }

    /// <summary>A connection that knows nothing of rlab.</summary>
    public static SqliteConnection Sql(string path, SqliteOpenMode mode = SqliteOpenMode.ReadOnly)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>The rows of a query by such a connection.</summary>
    public static List<T> Rows<T>(string path, string sql)
    {
        using var connection = Sql(path);
        return [.. connection.Query<T>(sql)];
    }

    /// <summary>The rows of a query by rlab's own connection, which knows the check values.</summary>
    public static List<T> RowsThrough<T>(LabFile lab, string sql) => [.. lab.Connection.Query<T>(sql)];

    public static T Value<T>(string path, string sql) => Assert.Single(Rows<T>(path, sql));

    public static void Change(string path, string sql)
    {
        using var connection = Sql(path, SqliteOpenMode.ReadWriteCreate);
        connection.Execute(sql);
    }

    /// <summary>Whether the file's header says WAL; read from the bytes, so that looking changes nothing.</summary>
    public static bool IsWal(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[20];
        file.ReadExactly(header);
        Assert.Equal(header[18], header[19]);
        return header[19] == 2;
    }

    /// <summary>The names in the file's folder that begin with its name: the file, its -wal, its -shm.</summary>
    public static IEnumerable<string> FilesOf(string path) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*").Select(f => Path.GetFileName(f)).Order();

    public static void AssertOneClosedFile(string path)
    {
        Assert.Equal([Path.GetFileName(path)], FilesOf(path));
        Assert.False(IsWal(path), "the journal mode is still WAL");
        AssertIntact(path);
    }

    public static void AssertIntact(string path)
    {
        Assert.Equal("ok", Value<string>(path, "PRAGMA integrity_check"));
        Assert.Empty(Rows<string>(path, "SELECT \"table\" FROM pragma_foreign_key_check"));
    }
}
