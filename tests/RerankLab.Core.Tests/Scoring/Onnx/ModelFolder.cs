using System.Text.Json.Nodes;
using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

/// <summary>
/// A small model folder. Its graph adds up what it is given: token ids, plus 100 for each token of the mask, plus 10,000
/// for each of type 1. So a logit tells which inputs the scorer made.
/// </summary>
sealed class ModelFolder : IDisposable
{
    public static readonly string[] Words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##d", "ab", ",",
        "文"];

    readonly TemporaryFolder _folder = new();

    public FileHashes Hashes { get; } = new(Path.Combine(Path.GetTempPath(), "rlab-test-no-memo", "none.json"));

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    public void Write(string name, string text) => _folder.Write(name, text);

    /// <summary>A folder with everything.</summary>
    public static ModelFolder Whole()
    {
        var folder = new ModelFolder();
        Sum().Save(folder["onnx/model.onnx"]);
        folder.Write("tokenizer.json", Tokenizer().ToJsonString());
        folder.Write("config.json", """{"max_position_embeddings": 64}""");
        return folder;
    }

    public static JsonNode Tokenizer() => JsonNode.Parse($$"""
        {
          "added_tokens": [{"id": 0, "content": "[PAD]", "special": true}, {"id": 3, "content": "[SEP]", "special": true}],
          "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
          "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {{new JsonObject(Words.Select((w, i) => KeyValuePair.Create(w, (JsonNode?)i))).ToJsonString()}}}
        }
        """)!;

    /// <summary>The graph with some of the inputs, of one type, and an output of some shape and type.</summary>
    public static OnnxModelWriter Sum(string[]? inputs = null, OnnxType type = OnnxType.Int64, int columns = 1,
        OnnxType output = OnnxType.Float,
        string outputName = "logits")
    {
        inputs ??= ["input_ids", "attention_mask", "token_type_ids"];
        var graph = new OnnxModelWriter();
        graph.Initializer("axis", [1], [1L]);
        string? total = null;
        foreach (var (input, factor) in new[] { ("input_ids", 1f), ("attention_mask", 100f),
            ("token_type_ids", 10_000f) })
        {
            if (!inputs.Contains(input)) continue;
            graph.Input(input, type, "batch", "sequence");
            graph.Initializer($"{input}_factor", [], [factor]);
            graph.Node("Cast", $"{input}_float", [input], OnnxAttribute.Int("to", 1));
            graph.Node("ReduceSum", $"{input}_sum", [$"{input}_float", "axis"],
                OnnxAttribute.Int("keepdims", columns == 0 ? 0 : 1));
            var part = graph.Node("Mul", $"{input}_part", [$"{input}_sum", $"{input}_factor"]);
            total = total is null ? part : graph.Node("Add", $"{total}_{input}", [total, part]);
        }
        if (columns > 1)
        {
            // l0 is 7, l1 is the sum and 7; further columns repeat it.
            graph.Initializer("seven", [], [7f]);
            graph.Initializer("nothing", [], [0f]);
            graph.Node("Mul", "zero", [total!, "nothing"]);
            graph.Node("Add", "l0", ["zero", "seven"]);
            graph.Node("Add", "l1", [total!, "seven"]);
            total = graph.Node("Concat", "columns", ["l0", .. Enumerable.Repeat("l1", columns - 1)],
                OnnxAttribute.Int("axis", 1));
        }
        graph.Node("Cast", outputName, [total!], OnnxAttribute.Int("to", (int)output));
        graph.Output(outputName, output, columns == 0 ? ["batch"] : ["batch", columns]);
        return graph;
    }

    public ScorerSpec Spec(string precision = "fp32", int? maxLength = null,
        Truncation truncation = Truncation.LongestFirst, string? fingerprint = null) =>
        new(new DataFile("models/tiny", _folder.Path), precision, maxLength, truncation, fingerprint);

    /// <summary>Opens the folder, which must be good.</summary>
    public OnnxModel Open(ScorerSpec? spec = null)
    {
        var problems = new Problems();
        var model = OnnxModelFolder.Open(spec ?? Spec(), Hashes, problems);
        Assert.Empty(problems.Shown());
        return model!;
    }

    /// <summary>What is wrong with the folder.</summary>
    public string[] Problems(ScorerSpec? spec = null)
    {
        var problems = new Problems();
        Assert.Null(OnnxModelFolder.Open(spec ?? Spec(), Hashes, problems));
        return problems.Shown();
    }

    public string Fingerprint(ScorerSpec? spec = null) => Open(spec).Identity.Fingerprint;

    public UserError LoadError() => Assert.Throws<UserError>(() => OnnxPairScorer.Load(Open(), new ExecutionSpec(ExecutionDevice.Cpu)));

    /// <summary>Scores pairs in one batch.</summary>
    public float[] Score(params (string Query, string Passage)[] pairs)
    {
        using var scorer = OnnxPairScorer.Load(Open(), new ExecutionSpec(ExecutionDevice.Cpu));
        var logits = new float[pairs.Length];
        scorer.Score([.. pairs.Select(p => scorer.Prepare(p.Query, p.Passage))], logits);
        return logits;
    }
}
