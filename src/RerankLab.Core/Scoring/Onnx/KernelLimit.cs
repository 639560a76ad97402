namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// How many pairs ONNX Runtime's CUDA kernels compute rightly at once. Kernels count a tensor's elements in 32 bits, and beyond that give
/// wrong scores without any error: seen with 1.31.0, 8,192 pairs of 256 tokens and 12 heads. The largest tensors of a transformer are
/// those of attention, [pairs, heads, tokens, tokens], and of its feed-forward layers, [pairs, tokens, width].
/// </summary>
/// <param name="Heads">Attention heads.</param>
/// <param name="Width">Of the widest layer.</param>
/// <param name="Elements">Elements of a tensor in a batch of several pairs, at most; a single pair may have twice as many.</param>
sealed record KernelLimit(long Heads, long Width, long Elements = KernelLimit.SafeElements)
{
    /// <summary>Half of what 32 bits count: some models have tensors of twice the size (gated layers, relative positions).</summary>
    const long SafeElements = 1L << 30;

    /// <summary>For a model that does not say: those of large encoders, as BGE v2 and GTE.</summary>
    const long UnknownHeads = 16, UnknownWidth = 4096;

    public static KernelLimit Of(ModelConfig? config) => new(config?.AttentionHeads ?? UnknownHeads,
        Math.Max(config?.FeedForwardSize ?? UnknownWidth, 3 * (config?.HiddenSize ?? 0)));

    /// <summary>Pairs of this length, at most; 0 where a single one is too long.</summary>
    public int Pairs(int length)
    {
        long elements = Math.Max(Heads * length, Width) * length;
        return elements > 2 * Elements - 1 ? 0 : (int)Math.Clamp(Elements / elements, 1, int.MaxValue);
    }
}
