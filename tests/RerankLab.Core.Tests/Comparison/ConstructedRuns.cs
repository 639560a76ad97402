using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Tests.Runs;

namespace RerankLab.Core.Tests.Comparison;

/// <summary>
/// Runs over queries q0, q1, … with documents a, b, c, d, of which a is relevant: made by saying at which rank a stands.
/// </summary>
static class ConstructedRuns
{
    static readonly string[] Documents = ["a", "b", "c", "d"];

    public static Qrels QrelsOf(int queries)
    {
        var qrels = new Qrels();
        for (int q = 0; q < queries; q++)
        {
            qrels.Add($"q{q}", "a", 1);
            qrels.Add($"q{q}", "b", 0);
        }
        return qrels;
    }

    /// <summary>A run that ranks a at these ranks, by query, and b, c, d in this order around it; 0 leaves the query out.</summary>
    public static (RunRecord Record, RunData Data) Run(string name, int[] ranks, Qrels? qrels, RunStatus status = RunStatus.Complete,
        string scorer = """{"fingerprint":"f0","max_length":512,"model":"m"}""")
    {
        var answered = ranks.Index().Where(r => r.Item > 0).ToList();
        var data = new RunData(
            [.. answered.Select(r => new CandidateQuery($"q{r.Index}", [.. Documents], null))],
            [.. answered.Select(r => new QueryKeys(r.Index, [.. Documents.Select((_, d) => new PairKey((UInt128)(10 * r.Index + d)))]))],
            [.. answered.Select(r => LogitsWithFirstAt(r.Item))],
            qrels);
        var setup = $$"""{"dataset":{"depth":4},"scorer":{{scorer}}}""";
        return (GivenRuns.Run(name, status: status, depth: 4, setup: setup, scorer: scorer), data);
    }

    /// <summary>b, c and d have 3, 2 and 1; a comes between.</summary>
    static float[] LogitsWithFirstAt(int rank) => [4.5f - rank, 3, 2, 1];
}
