using Dapper;
using Microsoft.Data.Sqlite;

namespace RerankLab.Store.Tests;

public class MigrationTests
{
    const int ApplicationId = 0x524C4142;

    [Fact]
    public void A_script_that_fails_leaves_no_table_and_version_0()
    {
        using var folder = new TemporaryFolder();
        // Ours, of version 0, with a table in the way of one of the script's last.
        Labs.Change(folder["lab.db"], $"PRAGMA application_id = {ApplicationId}; CREATE TABLE run_query (x)");

        Assert.Throws<SqliteException>(() => Labs.Write(folder["lab.db"]));

        Assert.Equal(["run_query"], Labs.Rows<string>(folder["lab.db"], "SELECT name FROM sqlite_schema"));
        Assert.Equal(0, Labs.Value<int>(folder["lab.db"], "PRAGMA user_version"));
        Labs.AssertIntact(folder["lab.db"]);
    }

    [Fact]
    public void A_schema_that_is_current_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder);
        var before = Labs.Value<int>(path, "PRAGMA schema_version");

        Labs.Write(path).Dispose();

        Assert.Equal(before, Labs.Value<int>(path, "PRAGMA schema_version"));
    }

    [Fact]
    public void The_schema_is_the_embedded_scripts_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        Labs.Write(folder["lab.db"]).Dispose();
        using var memory = new SqliteConnection("Data Source=:memory:");
        memory.Open();
        foreach (var script in Directory.EnumerateFiles(
                     Path.Combine(Repository.Root, "src", "RerankLab.Store", "Migrations"), "*.sql").Order())
            memory.Execute(File.ReadAllText(script));

        const string Schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
        Assert.Equal(memory.Query<string>(Schema), Labs.Rows<string>(folder["lab.db"], Schema));
    }

    [Fact]
    public async Task Several_who_open_a_new_file_at_once_all_end_with_a_good_one()
    {
        using var folder = new TemporaryFolder();
        for (int round = 0; round < 25; round++)
        {
            var path = folder[$"{round}.db"];
            using var gate = new Barrier(3);
            var labs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
            {
                gate.SignalAndWait();
                return Labs.Write(path);
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            Assert.All(labs, l => Assert.Equal("wal", l.Connection.ExecuteScalar<string>("PRAGMA journal_mode")));
            Assert.All(labs, l => Assert.Equal(0, l.Connection.ExecuteScalar<int>("SELECT count(*) FROM run")));
            // The first two go without closing properly; who closes while others are there is another test.
            labs[0].Connection.Dispose();
            labs[1].Connection.Dispose();
            labs[2].Dispose();
            Labs.AssertOneClosedFile(path);
            Assert.Equal(1, Labs.Value<int>(path, "PRAGMA user_version"));
            Assert.Equal(ApplicationId, Labs.Value<int>(path, "PRAGMA application_id"));
        }
    }
}
