using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// How many tokens a pair may have, and what says so: the smaller of the tokenizer's <c>model_max_length</c> and the config's
/// positions, as sentence-transformers' CrossEncoder chooses it. Unlike there, positions that no token can take
/// (<see cref="ModelConfig.UnusedPositions"/>) do not count: the model would fail at the last ones.
/// </summary>
public sealed record TokenLimit(int Tokens, string Source)
{
    /// <summary>Tokenizers without a limit declare a huge number.</summary>
    const long NoLimit = 1_000_000;

    /// <summary>Null where neither file declares a limit.</summary>
    public static TokenLimit? Of(TokenizerFile? tokenizer, ModelConfig? config)
    {
        var (declared, unused) = (tokenizer?.ModelMaxLength, config?.UnusedPositions ?? 0);
        var positions = config?.MaxPositions - unused;
        if (!IsLimit(declared) && !IsLimit(positions)) return null;
        return !IsLimit(positions) || IsLimit(declared) && declared <= positions
            ? new TokenLimit((int)declared!, "model_max_length in tokenizer_config.json")
            : new TokenLimit((int)positions!, "max_position_embeddings in config.json"
                + (unused > 0 ? $" ({config!.MaxPositions}, of which {config.ModelType} cannot use {unused})" : ""));

        static bool IsLimit(long? tokens) => tokens is > 0 and < NoLimit;
    }
}
