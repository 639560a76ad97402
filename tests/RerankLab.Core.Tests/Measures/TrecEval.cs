using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

/// <summary>What trec_eval prints, and our values held against it.</summary>
static partial class TrecEval
{
    /// <summary>A line of its output.</summary>
    public sealed record Value(string Name, string Query, double Number);

    /// <summary>The lines that concern measures which we have too.</summary>
    public static List<Value> Supported(string output) => [.. output.Split('\n')
        .Select(l => l.Split('\t'))
        .Where(f => f.Length == 3 && SupportedName().IsMatch(f[0].TrimEnd()))
        .Select(f => new Value(f[0].TrimEnd(), f[1], double.Parse(f[2], CultureInfo.InvariantCulture)))];

    /// <summary>Our measure for its name, at a relevance level (its option -l).</summary>
    public static Measure Measure(string name, int level)
    {
        // ndcg, rbp and num_ret know no level.
        var levelled = level == 1 || name.StartsWith("ndcg") || name is "rbp" or "num_ret" ? name
            : Regex.Replace(name, "^(.*?)(_[0-9]+)?$", $"$1(rel={level})$2");
        return Core.Measures.Measure.Parse(levelled);
    }

    /// <summary>Every line of its output is our value to the four decimals that it prints.</summary>
    public static void MustAgree(string output, IReadOnlyList<RankedList> rankings, Qrels qrels, int level, MissingQueries missing)
    {
        var values = Supported(output);
        var measures = values.Select(v => v.Name).Distinct().ToDictionary(n => n, n => Measure(n, level));
        var evaluation = Evaluation.Of(rankings, qrels, [.. measures.Values], missing);
        var queries = evaluation.Queries.Index().ToDictionary(q => q.Item, q => q.Index);
        Assert.NotEmpty(values);
        var printed = values.Select(v => v.Query).Where(q => q != "all").ToHashSet();
        if (printed.Count > 0) Assert.Equal(evaluation.Queries.Order(), printed.Order());
        foreach (var (name, query, theirs) in values)
        {
            var measure = measures[name];
            double ours = query == "all" ? evaluation.Overall(measure) : evaluation.Of(measure)[queries[query]];
            Assert.True(Math.Abs(ours - theirs) <= 0.00005 + 1e-12,
                $"{name} of {query} at level {level}: trec_eval has {theirs}, we have {ours}");
        }
    }

    /// <summary>Runs trec_eval; skips the test where it is not on the PATH.</summary>
    public static async Task<string> Run(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("trec_eval", arguments) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs trec_eval on the PATH");
            throw;
        }
    }

    public static (IReadOnlyList<RankedList> Rankings, Qrels Qrels) Read(string runFile, string qrelsFile)
    {
        var problems = new Problems();
        var run = TrecRun.Read(new DataFile(runFile, runFile), problems);
        var qrels = QrelsFile.Read(new DataFile(qrelsFile, qrelsFile), problems);
        Assert.Empty(problems.Shown());
        return (RankedList.AllOf(run), qrels);
    }

    [GeneratedRegex(@"^(num_ret|num_rel|num_rel_ret|map|Rprec|bpref|recip_rank|ndcg|set_P|set_recall|set_F|rbp|" +
        "(P|recall|ndcg_cut|map_cut|success)_[0-9]+)$")]
    private static partial Regex SupportedName();
}
