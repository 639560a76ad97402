using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store.Tests.Child;

/// <summary>An endless list of scores: what the child writes and the test expects to find, number by number.</summary>
static class ScoreStream
{
    const int PairsAQuery = 64;

    public static ScorerIdentity Scorer { get; } = new("onnx", "stream", "fp32", """{"stream":1}""");

    public static (long Query, PairKey Pair, float Logit, int Tokens) At(int number)
    {
        // Scattered over all keys, as hashes are.
        long query = unchecked((number / PairsAQuery + 1) * -7046029254386353131L);
        var pair = new PairKey(((UInt128)unchecked((ulong)number * 0x9E3779B97F4A7C15UL) << 64) | (uint)number);
        return (query, pair, number * 0.37f - 100f, number % 700);
    }

    /// <summary>The keys of the first so many scores, by query.</summary>
    public static QueryKeys[] Keys(int first) =>
        [.. Enumerable.Range(0, first).Select(At).GroupBy(s => s.Query).Select(g => new QueryKeys(g.Key, [.. g.Select(s => s.Pair)]))];
}
