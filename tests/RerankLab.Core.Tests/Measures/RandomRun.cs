using System.Globalization;
using System.Text;

namespace RerankLab.Core.Tests.Measures;

/// <summary>
/// A run and qrels in TREC's formats with what is hard about them: ties, scores 1e-12 apart, negative labels, queries
/// that only one of the two has, ids whose order by UTF-8 bytes is not that of their UTF-16 units.
/// </summary>
sealed class RandomRun
{
    public RandomRun(int seed, int queries, int maxLabel)
    {
        var random = new Random(seed);
        var (run, qrels) = (new StringBuilder(), new StringBuilder());
        for (int q = 0; q < queries; q++)
        {
            var query = $"{Letters(random)}{q}";
            string[] documents = [.. Enumerable.Range(0, random.Next(1, 40)).Select(d => $"{Letters(random)}{d}")];
            int kind = random.Next(8);
            if (kind != 0)
                foreach (var document in documents.Where(_ => random.Next(4) > 0))
                    run.AppendLine(CultureInfo.InvariantCulture, $"{query} Q0 {document} 0 {Score(random)} tag");
            if (kind == 1) continue;
            // trec_eval reads memory that is not its own where a query has no label of at least 0.
            qrels.AppendLine(CultureInfo.InvariantCulture, $"{query} 0 {documents[0]} {random.Next(0, maxLabel + 1)}");
            foreach (var document in documents.Skip(1).Where(_ => random.Next(3) > 0))
            {
                int label = kind == 2 ? 0 : random.Next(-2, maxLabel + 1);
                qrels.AppendLine(CultureInfo.InvariantCulture, $"{query} 0 {document} {label}");
            }
        }
        (Run, Qrels) = (run.ToString(), qrels.ToString());
    }

    public string Run { get; }

    public string Qrels { get; }

    static string Score(Random random)
    {
        double score = random.Next(6) / 4.0 - 0.5;
        if (random.Next(3) == 0) score += random.Next(-2, 3) * 1e-12;
        return score.ToString("R", CultureInfo.InvariantCulture);
    }

    static string Letters(Random random) => random.Next(6) switch
    {
        0 => "问",
        1 => "\uFF10",
        2 => "\U0001F642",
        3 => "é",
        4 => "Z",
        _ => "a",
    };
}
