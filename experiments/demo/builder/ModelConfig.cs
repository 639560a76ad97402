namespace RerankLab.Demo;

/// <summary>The configuration files that a Hugging Face model folder has beside its weights.</summary>
public static class ModelConfig
{
    const int MaxLength = 512;

    /// <summary>The config.json of a BERT cross-encoder with one label.</summary>
    public static string Model(int vocabularySize) => Vocabulary.Json(json =>
    {
        json.WriteString("model_type", "bert");
        json.WriteStartArray("architectures");
        json.WriteStringValue("BertForSequenceClassification");
        json.WriteEndArray();
        json.WriteNumber("num_labels", 1);
        json.WriteStartObject("id2label");
        json.WriteString("0", "LABEL_0");
        json.WriteEndObject();
        json.WriteStartObject("label2id");
        json.WriteNumber("LABEL_0", 0);
        json.WriteEndObject();
        json.WriteNumber("max_position_embeddings", MaxLength);
        json.WriteNumber("vocab_size", vocabularySize);
        json.WriteNumber("type_vocab_size", 2);
        json.WriteNumber("pad_token_id", 0);
    });

    /// <summary>The tokenizer_config.json that goes with it.</summary>
    public static string Tokenizer() => Vocabulary.Json(json =>
    {
        json.WriteString("tokenizer_class", "BertTokenizer");
        json.WriteNumber("model_max_length", MaxLength);
        json.WriteBoolean("do_lower_case", true);
        json.WriteNull("strip_accents");
        json.WriteBoolean("tokenize_chinese_chars", true);
        foreach (var special in Vocabulary.Specials)
            json.WriteString(special.Trim('[', ']').ToLowerInvariant() + "_token", special);
    });
}
