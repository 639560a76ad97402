using System.Text.Json.Nodes;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store.Tests;

/// <summary>Values for tests that do not care which.</summary>
static class Some
{
    public static ScorerBackend Backend { get; } =
        new("some GPU", "CUDA", new Dictionary<string, string> { ["onnxruntime"] = "1.2.3", ["cuda"] = "12.4" });

    public static ScorerIdentity Scorer(string name = "gte", string precision = "fp16", int maxLength = 512) =>
        ScorerIdentity.Of("onnx", name, precision, new Dictionary<string, JsonNode>
        {
            ["encoder"] = 1,
            ["graph"] = new string('a', 64),
            ["max_length"] = maxLength,
            ["truncation"] = "longest_first",
        });

    public static PairKey Pair(Random random)
    {
        var bytes = new byte[PairKey.Size];
        random.NextBytes(bytes);
        return PairKey.From(bytes);
    }

    public static PairKey Pair(int number) => new((UInt128)number);

    /// <summary>A finite float of any magnitude and sign, denormals included; never -0, which scorers turn into 0.</summary>
    public static float Logit(Random random)
    {
        while (true)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (float.IsFinite(value) && !(value == 0 && float.IsNegative(value))) return value;
        }
    }
}
