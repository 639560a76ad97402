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
        RowCheck.AddFunction(memory.Handle!);
        foreach (var script in Directory.EnumerateFiles(
                     Path.Combine(Repository.Root, "src", "RerankLab.Store", "Migrations"), "*.sql").Order())
            memory.Execute(File.ReadAllText(script));

        const string Schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
        Assert.Equal(memory.Query<string>(Schema), Labs.Rows<string>(folder["lab.db"], Schema));
    }

    [Fact]
    public void The_scripts_are_numbered_from_1_without_a_gap()
    {
        var numbers = typeof(LabFile).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
            .Select(n => int.Parse(n.Split("Migrations.")[1].AsSpan(0, 4)));

        Assert.Equal(Enumerable.Range(1, Migration.Latest), numbers);
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
            Assert.Equal(Migration.Latest, Labs.Value<int>(path, "PRAGMA user_version"));
            Assert.Equal(ApplicationId, Labs.Value<int>(path, "PRAGMA application_id"));
        }
    }

    /// <summary>Lab files of released schemas: the demo's experiments at depth 5, and its first stage imported.</summary>
    public static TheoryData<int> Released => [1, 3];

    [Theory]
    [MemberData(nameof(Released))]
    public void A_lab_file_of_a_released_schema_is_brought_to_the_latest_and_keeps_everything(int schema)
    {
        using var folder = new TemporaryFolder();
        var path = CopyOfReleased(schema, folder);
        var tables = Labs.Rows<string>(path,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
        var before = tables.ToDictionary(t => t, t => RowsOf(path, t, ColumnsOf(path, t)));
        var columns = tables.ToDictionary(t => t, t => ColumnsOf(path, t));
        Assert.Equal(520, before["score"].Count);

        var notes = new List<string>();
        LabFile.OpenForWriting(path, notes.Add).Dispose();

        Assert.Equal([
            $"this lab file is of schema {schema}, older than this rlab's ({Migration.Latest}): " +
            $"a copy of it as it was is kept in lab.db.schema{schema}.bak",
            .. Enumerable.Range(schema + 1, Migration.Latest - schema)
                .Select(v => $"lab.db was brought to schema {v}")], notes);
        Assert.All(tables, t => Assert.Equal(before[t], RowsOf(path, t, columns[t])));
        Assert.Equal(Migration.Latest, Labs.Value<int>(path, "PRAGMA user_version"));
        AssertClosedBeside(path, $"lab.db.schema{schema}.bak");
        using var lab = LabFile.OpenForReading(path);
        Assert.All(RowCheck.Expressions.Keys,
            t => Assert.Equal(0,
                lab.Connection.ExecuteScalar<int>($"SELECT count(*) FROM {t} WHERE NOT ({RowCheck.Holds(t)})")));
        var runs = new RunStore(lab).Runs();
        Assert.Equal(["first-stage", "demo-short", "demo-base"], runs.Select(r => r.Name));
        Assert.All(runs, r => Assert.Equal(52, new RunStore(lab).Load(r).Candidates.Count));
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void The_copy_made_before_a_migration_is_the_file_as_it_was(int schema)
    {
        using var folder = new TemporaryFolder();
        var path = CopyOfReleased(schema, folder);
        var before = Content(path);

        Labs.Write(path).Dispose();

        Assert.Equal(before, Content($"{path}.schema{schema}.bak"));
        Assert.Equal(schema, Labs.Value<int>($"{path}.schema{schema}.bak", "PRAGMA user_version"));
        Assert.False(Labs.IsWal($"{path}.schema{schema}.bak"));
    }

    [Fact]
    public void A_copy_that_is_there_already_is_kept_and_another_made()
    {
        using var folder = new TemporaryFolder();
        var path = CopyOfReleased(1, folder);
        File.WriteAllText(path + ".schema1.bak", "an older one");

        Labs.Write(path).Dispose();

        Assert.Equal("an older one", File.ReadAllText(path + ".schema1.bak"));
        Assert.Equal(520, Labs.Value<int>(path + ".schema1-2.bak", "SELECT count(*) FROM score"));
    }

    [Fact]
    public void Opened_for_reading_an_older_file_is_brought_up_to_date_too()
    {
        using var folder = new TemporaryFolder();
        var path = CopyOfReleased(1, folder);

        using (var lab = LabFile.OpenForReading(path))
            Assert.Equal(3, new RunStore(lab).Runs().Count);

        AssertClosedBeside(path, "lab.db.schema1.bak");
        Assert.Equal(Migration.Latest, Labs.Value<int>(path, "PRAGMA user_version"));
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_file_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var path = CopyOfReleased(1, folder);
        // In the way of the script's last statement but one.
        Labs.Change(path, "ALTER TABLE measure ADD COLUMN crc INTEGER");
        var before = Content(path);

        Assert.Throws<SqliteException>(() => Labs.Write(path));

        Assert.Equal(before, Content(path));
        Assert.Equal(1, Labs.Value<int>(path, "PRAGMA user_version"));
        Labs.AssertIntact(path);
    }

    /// <summary>The file and its backup, and nothing left open.</summary>
    static void AssertClosedBeside(string path, string backup)
    {
        Assert.Equal(["lab.db", backup], Labs.FilesOf(path));
        Assert.False(Labs.IsWal(path), "the journal mode is still WAL");
        Labs.AssertIntact(path);
    }

    /// <summary>Every row of every table.</summary>
    static List<string> Content(string path) =>
    [
        .. Labs.Rows<string>(path,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .SelectMany(t => RowsOf(path, t, ColumnsOf(path, t)).Prepend(t)),
    ];

    static string CopyOfReleased(int schema, TemporaryFolder folder)
    {
        var copy = folder["lab.db"];
        File.Copy(Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", $"schema-{schema}.db"),
            copy);
        return copy;
    }

    static string ColumnsOf(string path, string table) =>
        string.Join(", ", Labs.Rows<string>(path, $"SELECT name FROM pragma_table_info('{table}')"));

    static List<string> RowsOf(string path, string table, string columns) =>
        Labs.Rows<string>(path, $"SELECT concat_ws('|', {Hex(columns)}) FROM {table} ORDER BY 1");

    static string Hex(string columns) => string.Join(", ", columns.Split(", ").Select(c => $"hex({c})"));
}
