using System.Globalization;
using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

/// <summary>Values against what trec_eval 10 printed, to its four decimals, per query and on average.</summary>
public sealed class TrecEvalTests
{
    static readonly string Fixtures = Path.Combine(Repository.Root, "tests", "RerankLab.Core.Tests", "Fixtures",
        "trec_eval");

    static readonly string[] Known = ["ndcg", "ndcg_cut", "map", "map_cut", "P", "recall", "recip_rank", "success"];

    /// <summary>Compares every value of the output whose measure rlab has; returns how many there were.</summary>
    static int Compare(string output, string qrels, string run, int level, bool countMissing)
    {
        var problems = new Problems();
        var (judged, ranked) = (QrelsFile.Read(DataFile.FromCommandLine(qrels), problems),
            TrecRun.Read(DataFile.FromCommandLine(run), problems));
        Assert.Empty(problems.Shown());

        var lines = File.ReadLines(output).Select(l => l.Split('\t'))
            .Select(f => (Name: f[0].Trim(), Query: f[1].Trim(), Value: f[2].Trim()))
            .Where(l => Known.Contains(l.Name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').TrimEnd('_')))
                .ToList();
        var measures = lines.Select(l => l.Name).Distinct().ToDictionary(n => n, n => Measure.Parse(n) switch
        {
            ReciprocalRank rr => rr with { Rel = level },
            AveragePrecision ap => ap with { Rel = level },
            Precision p => p with { Rel = level },
            Recall r => r with { Rel = level },
            Success s => s with { Rel = level },
            var graded => graded,
        });
        var evaluation = Evaluation.Of(ranked.Queries.Select(q => RankedList.Of(ranked, q)), judged,
            [.. measures.Values]);
        int with = evaluation.Coverage.Queries - evaluation.Coverage.WithoutResults;
        foreach (var (name, query, value) in lines)
        {
            var measure = measures[name];
            double ours = query != "all" ? evaluation.Of(measure)[evaluation.Queries.ToList().IndexOf(query)]
                : countMissing ? evaluation.Mean(measure) : evaluation.Of(measure).Sum() / with;
            if (ours.ToString("F4", CultureInfo.InvariantCulture) != value
                && Math.Abs(ours - double.Parse(value, CultureInfo.InvariantCulture)) > 0.5000001e-4)
                Assert.Fail($"{name} of {query}: {ours}, trec_eval says {value}");
        }
        return lines.Count;
    }

    /// <summary>Ties, negative labels, queries missing on either side, Unicode ids; made and measured by make.py beside them.</summary>
    [Theory]
    [InlineData("all.txt", 1)]
    [InlineData("level2.txt", 2)]
    public void A_random_run_is_measured_as_trec_eval_measures_it(string output, int level) => Assert.Equal(700,
        Compare(Path.Combine(Fixtures, output), Path.Combine(Fixtures, "qrels.txt"),
            Path.Combine(Fixtures, "run.trec"), level, countMissing: true));

    [Fact]
    public void Trec_evals_own_test_is_passed()
    {
        string File(string name) => Repository.Shared("data", "trec_eval", "test", name);
        Assert.True(Compare(File("out.test.aq"), File("qrels.test"), File("results.test"), 1,
            countMissing: false) > 100);
    }

    [Fact]
    public void Trec_evals_own_test_of_missing_queries_is_passed()
    {
        string File(string name) => Repository.Shared("data", "trec_eval", "test", name);
        using var folder = new TemporaryFolder();
        // trec_eval reads over what stands behind the tag; rlab refuses it.
        var run = folder.Write("run", string.Concat(System.IO.File.ReadLines(File("results.trunc"))
            .Select(line => string.Join(' ', line.Split('\t', ' ').Where(f => f.Length > 0).Take(6)) + "\n")));
        Assert.True(Compare(File("out.test.aqc"), File("qrels.test"), run, 1, countMissing: true) > 100);
    }

    [Fact]
    public void Trec_evals_own_test_of_levels_is_passed()
    {
        string File(string name) => Repository.Shared("data", "trec_eval", "test", name);
        Assert.True(Compare(File("out.test.aql"), File("qrels.rel_level"), File("results.test"), 2,
            countMissing: false) > 100);
    }

    [Fact]
    public void The_first_stage_of_scifact_has_the_known_ndcg()
    {
        var problems = new Problems();
        var qrels = QrelsFile.Read(DataFile.FromCommandLine(Repository.Shared("data", "scifact", "qrels.test.txt")),
            problems);
        var run = TrecRun.Read(DataFile.FromCommandLine(Repository.Shared("data", "scifact",
            "run.bi-encoder.top100.trec")), problems);
        var evaluation = Evaluation.Of(run.Queries.Select(q => RankedList.Of(run, q)), qrels, [new NDcg(10)]);
        Assert.Equal("0.6401", evaluation.Mean(new NDcg(10)).ToString("F4"));
    }
}
