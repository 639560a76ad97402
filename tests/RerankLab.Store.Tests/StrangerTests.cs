using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;

namespace RerankLab.Store.Tests;

/// <summary>A lab file that somebody else made cannot run anything, and reaches nothing outside itself.</summary>
public class StrangerTests
{
    [Theory]
    [InlineData("SELECT load_extension('/tmp/x.so')")]
    [InlineData("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '' WHERE name = 'run'")]
    [InlineData("UPDATE sqlite_dbpage SET data = zeroblob(4096) WHERE pgno = 1")]
    public void What_SQLite_offers_to_break_out_or_break_the_file_is_off(string sql)
    {
        using var folder = new TemporaryFolder();
        using var lab = LabFile.OpenForWriting(Labs.Make(folder));

        Assert.Throws<SqliteException>(() => lab.Connection.Execute(sql));

        Assert.Equal(1,
            lab.Connection.ExecuteScalar<int>("SELECT count(*) FROM sqlite_schema WHERE name = 'run' AND sql LIKE 'CREATE TABLE%'"));
    }

    [Fact]
    public void Triggers_in_the_file_do_not_run()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Labs.Change(path, "CREATE TRIGGER evil AFTER INSERT ON score BEGIN UPDATE score SET logit = 99; END");

        using (var lab = LabFile.OpenForWriting(path))
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
            writer.Add(7, Some.Pair(4), 4, 4);

        Assert.Equal([1f, 2f, 3f, 4f], Labs.Scores(path, 4));
    }

    [Fact]
    public void Views_in_the_file_call_no_function_that_is_not_harmless()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Labs.Change(path, "CREATE VIEW evil AS SELECT fts3_tokenizer('simple') AS x");
        using var lab = LabFile.OpenForReading(path);

        Assert.Throws<SqliteException>(() => lab.Connection.ExecuteScalar("SELECT x FROM evil"));
    }

    [Fact]
    public void A_file_whose_tables_are_others_than_rlabs_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Labs.Change(path, "ALTER TABLE score RENAME TO hidden; CREATE VIEW score AS " +
            "SELECT scorer, query, pair, 99.0 AS logit, tokens, session, crc FROM hidden");

        var error = Assert.Throws<UserError>(() => LabFile.OpenForReading(path));

        Assert.Equal($"{path}: the lab file is damaged: its tables are not those that rlab made", error.Message);
    }

    [Fact]
    public void Tables_and_views_that_users_add_are_no_harm()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        Labs.Change(path, "CREATE TABLE mine (x); CREATE VIEW best AS SELECT max(logit) FROM score; " +
            "CREATE INDEX fast ON score (session)");

        Assert.Equal([1f, 2f, 3f], Labs.Scores(path, 3));
    }
}
