using System.Text.Json.Nodes;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>What of a model's <c>config.json</c> rlab uses. Absent keys are null.</summary>
/// <param name="ModelType"><c>model_type</c>, the architecture's family.</param>
/// <param name="MaxPositions"><c>max_position_embeddings</c>.</param>
/// <param name="PaddingId"><c>pad_token_id</c>.</param>
/// <param name="Labels"><c>num_labels</c>, else how many <c>id2label</c> names.</param>
/// <param name="VocabularySize"><c>vocab_size</c>: rows of the model's token embedding.</param>
/// <param name="TypeVocabularySize"><c>type_vocab_size</c>: rows of the model's token type embedding.</param>
/// <param name="Architecture">The first of <c>architectures</c>: the class of transformers that the model was.</param>
/// <param name="AttentionHeads"><c>num_attention_heads</c> (DistilBERT: <c>n_heads</c>).</param>
/// <param name="HiddenSize"><c>hidden_size</c> (DistilBERT: <c>dim</c>).</param>
/// <param name="FeedForwardSize"><c>intermediate_size</c> (DistilBERT: <c>hidden_dim</c>).</param>
public sealed record ModelConfig(
    string? ModelType, long? MaxPositions, long? PaddingId, long? Labels, long? VocabularySize, long? TypeVocabularySize,
    string? Architecture, long? AttentionHeads, long? HiddenSize, long? FeedForwardSize)
{
    /// <summary>
    /// Families whose positions are counted from the padding id + 1 (<c>create_position_ids_from_input_ids</c> in transformers 4.x),
    /// so that the first rows of the position embedding stand for no token: 514 rows take 512 tokens.
    /// </summary>
    static readonly HashSet<string> CountFromPadding =
    [
        "camembert", "data2vec-text", "ibert", "longformer", "luke", "mpnet", "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod",
    ];

    /// <summary>Positions that no token takes.</summary>
    public long UnusedPositions => ModelType is not null && CountFromPadding.Contains(ModelType) ? (PaddingId ?? 1) + 1 : 0;

    /// <summary>Null where the folder has no <c>config.json</c>.</summary>
    public static ModelConfig? Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) return null;
        var json = JsonNode.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException("config.json holds nothing");
        return new ModelConfig((string?)json["model_type"], (long?)json["max_position_embeddings"], (long?)json["pad_token_id"],
            (long?)json["num_labels"] ?? json["id2label"]?.AsObject().Count, (long?)json["vocab_size"],
            (long?)json["type_vocab_size"], (string?)json["architectures"]?.AsArray().FirstOrDefault(),
            (long?)json["num_attention_heads"] ?? (long?)json["n_heads"], (long?)json["hidden_size"] ?? (long?)json["dim"],
            (long?)json["intermediate_size"] ?? (long?)json["hidden_dim"]);
    }
}
