using System.IO.Compression;
using Microsoft.Data.Sqlite;

namespace RerankLab.Cli.Tests;

public sealed class ImportTests(DemoLab demo)
{
    static readonly string Qrels = Path.Combine(Repository.Demo, "qrels.txt");
    static readonly string FirstStage = Path.Combine(Repository.Demo, "first-stage.trec");
    static readonly string Base = Path.Combine(Repository.Demo, "base.yaml");

    readonly string _lab = Path.Combine(Path.GetTempPath(), $"rlab-import-{Guid.NewGuid():N}.db");

    Task<RlabResult> Succeed(params string[] arguments) => demo.Rlab.Succeed([.. arguments, "--lab", _lab]);

    [Fact]
    public async Task An_imported_run_measures_what_its_file_measures()
    {
        try
        {
            await Succeed("import", FirstStage, "--qrels", Qrels, "-m", "nDCG@10", "-m", "AP");
            var recorded = await Succeed("eval", "first-stage");
            var file = await Succeed("eval", "--run-file", FirstStage, "--qrels", Qrels, "-m", "nDCG@10", "-m", "AP");
            Assert.Equal(file.Rows.Select(r => r["value"]), recorded.Rows.Select(r => r["value"]));
            Assert.StartsWith("0.4798", recorded.Rows.First()["value"]);
        }
        finally
        {
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task Scores_a_hair_apart_keep_their_order_and_are_exported_as_they_were()
    {
        var run = Path.ChangeExtension(_lab, ".trec");
        File.WriteAllText(run, "q Q0 a 1 0.5000000000001 t\nq Q0 b 2 0.5 t\nq Q0 c 3 12.3 t\n");
        try
        {
            await Succeed("import", run, "--name", "hair");
            var exported = await Succeed("export", "hair");
            Assert.Equal(["c 1 12.3", "a 2 0.5000000000001", "b 3 0.5"],
                exported.Out.TrimEnd().Split('\n').Select(l => string.Join(' ', l.Split(' ')[2..5])));
        }
        finally
        {
            File.Delete(run);
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task With_candidates_the_run_is_confined_to_them_and_has_texts_and_qrels()
    {
        var run = Path.ChangeExtension(_lab, ".trec.gz");
        using (var gzip = new GZipStream(File.Create(run), CompressionLevel.Fastest))
        {
            gzip.Write("en01 Q0 en-cold-1 1 2.5 t\nen01 Q0 nowhere 2 2 t\nelsewhere Q0 en-cold-1 1 1 t\n"u8);
        }
        try
        {
            var import = await Succeed("import", run, "--candidates", Base, "--name", "outside", "--format", "json");
            Assert.Contains("queries of the run that the experiment does not have, left out: 1", import.Error);
            Assert.Contains("documents of the run that are no candidates, left out: 1", import.Error);
            Assert.Contains("candidates that the run does not rank: 1039", import.Error);
            Assert.Contains("mean over 52 judged queries, 51 of them without results (counted 0)", import.Error);
            Assert.Equal(1, (int)import.Json[0]!["documents"]!);
            Assert.Equal(["nDCG@10", "RR@10", "R@10", "AP"], import.Json[0]!.AsObject().Select(f => f.Key).Skip(4));

            var submission = await Succeed("export", "outside", "--format", "submission");
            Assert.Equal("cold or flu, how can I tell?", (string)submission.Json[0]!["query"]!);
            Assert.Equal(2.5, (double)submission.Json[0]!["ranked_passages"]![0]!["score"]!);
        }
        finally
        {
            File.Delete(run);
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task Standard_input_will_do_plain_or_compressed()
    {
        try
        {
            var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(File.ReadAllBytes(FirstStage));
            foreach (var bytes in new[] { File.ReadAllBytes(FirstStage), compressed.ToArray() })
            {
                var piped = await demo.Rlab.RunWithInput(bytes, "eval", "--run-file", "-", "--qrels", Qrels, "-m", "AP");
                Assert.Equal(0, piped.ExitCode);
                Assert.StartsWith("0.36765", piped.Rows.Single()["value"]);
            }
            var nameless = await demo.Rlab.RunWithInput(File.ReadAllBytes(FirstStage), "import", "-", "--lab", _lab);
            Assert.Equal((1, false), (nameless.ExitCode, File.Exists(_lab)));
            Assert.Contains("add --name NAME", nameless.Error);
        }
        finally
        {
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task Its_scores_stay_out_of_the_cache_and_diff_says_that_it_is_another_kind_of_scorer()
    {
        try
        {
            await Succeed("run", Base);
            await Succeed("import", FirstStage, "--candidates", Base);
            using (var connection = new SqliteConnection($"Data Source={_lab};Mode=ReadOnly;Pooling=False"))
            {
                connection.Open();
                using var count = connection.CreateCommand();
                count.CommandText = "SELECT count(*) || ' ' || count(DISTINCT scorer) || ' ' || (SELECT count(*) FROM candidates) FROM score";
                // The candidates are the experiment's own: kept once.
                Assert.Equal("1040 1 1", (string)count.ExecuteScalar()!);
            }
            var diff = await Succeed("diff", "first-stage", "demo-base", "--format", "json", "--moved", "1");
            var setup = diff.Json["runs"]![0]!["setup"]!.AsArray().Select(d => (string)d!["key"]!);
            Assert.Equal(["dataset.depth", "scorer.kind", "scorer.model", "scorer.precision", "ranking.activation"], setup);
            Assert.Contains("repairing a flat bicycle tyre", diff.Out);
        }
        finally
        {
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task Two_runs_imported_without_texts_are_compared_by_ids_alone()
    {
        var reversed = Path.ChangeExtension(_lab, ".trec");
        File.WriteAllLines(reversed, File.ReadLines(FirstStage).Select(l => l.Split(' ')).Select(f => $"{f[0]} Q0 {f[2]} 0 -{f[4]} t"));
        try
        {
            await Succeed("import", FirstStage, "--qrels", Qrels);
            await Succeed("import", reversed, "--name", "reversed");
            var table = await Succeed("diff", "first-stage", "reversed", "--format", "table", "--moved", "2");
            Assert.Contains("Queries that lost most on nDCG@10", table.Out);
            Assert.Contains("en-jetlag-1  (label 3)\n", table.Out);
            var json = await Succeed("diff", "first-stage", "reversed", "--format", "json", "--moved", "2");
            Assert.DoesNotContain("Beating jet lag", json.Out);
        }
        finally
        {
            File.Delete(reversed);
            File.Delete(_lab);
        }
    }

    [Fact]
    public async Task An_imported_run_without_texts_says_how_to_give_it_some()
    {
        try
        {
            await Succeed("import", FirstStage);
            var submission = await demo.Rlab.Run("export", "--format", "submission", "--lab", _lab);
            Assert.Equal((1, ""), (submission.ExitCode, submission.Out));
            Assert.Contains("'first-stage' was imported without texts", submission.Error);
            Assert.Contains("--candidates", submission.Error);
            Assert.Contains("has no qrels", (await demo.Rlab.Run("eval", "--lab", _lab)).Error);
        }
        finally
        {
            File.Delete(_lab);
        }
    }
}
