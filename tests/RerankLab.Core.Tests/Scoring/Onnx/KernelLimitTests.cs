using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Scoring.Onnx;

/// <summary>Kernels that count in 32 bits are never given more than they can count.</summary>
public sealed class KernelLimitTests : IDisposable
{
    readonly ModelFolder _folder = ModelFolder.Whole();

    public void Dispose() => _folder.Dispose();

    static ModelConfig Config(long? heads, long? hidden, long? feedForward) =>
        new("bert", null, null, null, null, null, null, heads, hidden, feedForward);

    [Theory]
    [InlineData(12, 384, 1536, 256, 1365)]
    [InlineData(12, 384, 1536, 20, 34_952)]
    [InlineData(16, 1024, 4096, 512, 256)]
    [InlineData(16, 1024, 4096, 8192, 1)]
    public void No_tensor_has_more_than_half_of_what_32_bits_count(long heads, long hidden, long feedForward, int length, int pairs)
    {
        var limit = KernelLimit.Of(Config(heads, hidden, feedForward));
        Assert.Equal(pairs, limit.Pairs(length));
        long largest = Math.Max(heads * length * length, feedForward * length);
        Assert.True(pairs * largest <= 1L << 30);
        Assert.True((pairs + 1) * largest > 1L << 30);
    }

    [Theory]
    [InlineData(31, 8192, 1)]
    [InlineData(32, 8192, 0)]
    [InlineData(16, 32_768, 0)]
    public void A_single_pair_may_have_all_that_32_bits_count(long heads, int length, int pairs) =>
        Assert.Equal(pairs, KernelLimit.Of(Config(heads, 1024, 4096)).Pairs(length));

    [Fact]
    public void A_model_that_does_not_say_is_taken_for_a_large_one()
    {
        Assert.Equal((256, 1), (KernelLimit.Of(null).Pairs(512), KernelLimit.Of(null).Pairs(8192)));
        Assert.Equal(256, KernelLimit.Of(Config(null, null, null)).Pairs(512));
    }

    [Fact]
    public void A_batch_beyond_the_limit_is_scored_in_parts_with_the_same_logits()
    {
        var spec = new ExecutionSpec(ExecutionDevice.Cpu);
        using var whole = OnnxPairScorer.Load(_folder.Open(), spec);
        using var parts = OnnxPairScorer.Load(_folder.Open(), spec, ExecutionDevice.Cpu, new KernelLimit(1, 1, 3 * 12 * 12));
        var pairs = Enumerable.Range(0, 20).Select(i => whole.Prepare("a b", string.Join(' ', Enumerable.Repeat("c", i % 5))))
            .OrderByDescending(p => p.Length).ToArray();
        Assert.InRange(pairs[0].Length, 5, 12);
        var (expected, actual) = (new float[20], new float[20]);
        whole.Score(pairs, expected);
        parts.Score(pairs, actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_single_pair_beyond_the_limit_is_refused_rather_than_scored_wrongly()
    {
        using var scorer = OnnxPairScorer.Load(_folder.Open(), new ExecutionSpec(ExecutionDevice.Cpu), ExecutionDevice.Cpu,
            new KernelLimit(1, 1, 8));
        var error = Assert.Throws<UserError>(() => scorer.Score([scorer.Prepare("a b", "c c c")], new float[1]));
        Assert.Matches("^a pair of [0-9]+ tokens is too long for ONNX Runtime's CUDA kernels, which would score it wrongly$", error.Message);
    }
}
