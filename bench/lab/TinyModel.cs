using System.Text.Json.Nodes;
using RerankLab.Demo;

/// <summary>
/// A cross-encoder in Hugging Face layout that costs next to nothing a pair, so that what is measured is everything around it. Its tokens are
/// those of the bench's texts, some seventy a pair; its logit means nothing.
/// </summary>
static class TinyModel
{
    static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

    static readonly string[] Pieces =
    [
        .. "query number how does it compare to others passage of : , xxxx x ##xxxx ##x".Split(' '),
        .. Enumerable.Range(0, 10).SelectMany(digit => new[] { $"{digit}", $"##{digit}" }),
    ];

    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "onnx"));
        Graph().Save(Path.Combine(folder, "onnx", "model.onnx"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer().ToJsonString());
        File.WriteAllText(Path.Combine(folder, "config.json"),
            """{"model_type": "bert", "num_labels": 1, "max_position_embeddings": 512, "pad_token_id": 0}""");
    }

    /// <summary>The sines of what a token's id and those before it come to, added up: the order of the tokens makes a difference.</summary>
    static OnnxModelWriter Graph()
    {
        var model = new OnnxModelWriter { GraphName = "tiny" };
        foreach (var input in (string[])["input_ids", "attention_mask", "token_type_ids"]) model.Input(input, OnnxType.Int64, "batch", "sequence");
        model.Output("logits", OnnxType.Float, "batch", 1);
        model.Initializer("axis", [], [1L]);
        model.Initializer("axes", [1], [1L]);
        model.Node("Add", "ids", ["input_ids", "token_type_ids"]);
        model.Node("Cast", "numbers", ["ids"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        model.Node("CumSum", "sums", ["numbers", "axis"]);
        model.Node("Sin", "sines", ["sums"]);
        model.Node("Cast", "mask", ["attention_mask"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        model.Node("Mul", "masked", ["sines", "mask"]);
        model.Node("ReduceSum", "logits", ["masked", "axes"], OnnxAttribute.Int("keepdims", 1));
        return model;
    }

    static JsonObject Tokenizer()
    {
        var tokens = Specials.Concat(Pieces).Index();
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. Specials.Index().Select(t =>
                new JsonObject { ["id"] = t.Index, ["content"] = t.Item, ["normalized"] = false, ["special"] = true })]),
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "BertProcessing",
                ["cls"] = new JsonArray("[CLS]", Array.IndexOf(Specials, "[CLS]")),
                ["sep"] = new JsonArray("[SEP]", Array.IndexOf(Specials, "[SEP]")),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 1000,
                ["vocab"] = new JsonObject(tokens.Select(t => KeyValuePair.Create(t.Item, (JsonNode?)t.Index))),
            },
        };
    }
}
