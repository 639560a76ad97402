using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class ModelReportTests : IDisposable
{
    readonly ModelFolder _folder = ModelFolder.Whole();

    public ModelReportTests() => Config("");

    public void Dispose() => _folder.Dispose();

    /// <summary>A config that fits the folder, and more.</summary>
    void Config(string more) => _folder.Write("config.json",
        $$"""
        {"architectures": ["BertForSequenceClassification"], "model_type": "bert",
         "max_position_embeddings": 64, "vocab_size": 12{{more}}}
        """);

    ModelReport Read(ScorerSpec? spec = null) => ModelReport.Read(spec ?? _folder.Spec(), _folder.Hashes);

    string OnlyWarning()
    {
        var report = Read();
        Assert.NotNull(report.Model);
        var warning = Assert.Single(report.Findings);
        Assert.Equal(Severity.Warning, warning.Severity);
        Assert.NotNull(warning.Remedy);
        return warning.Found;
    }

    string[] Problems(ScorerSpec? spec = null)
    {
        var report = Read(spec);
        Assert.Null(report.Model);
        return [.. report.Findings.Where(f => f.Severity == Severity.Problem).Select(f => f.Found)];
    }

    [Fact]
    public void A_whole_folder_is_reported_without_findings_and_with_the_fingerprint_of_a_run()
    {
        var report = Read();
        Assert.Empty(report.Findings);
        Assert.Equal(_folder.Fingerprint(), report.Model!.Identity.Fingerprint);
        Assert.Equal(new FileInfo(_folder["onnx/model.onnx"]).Length, report.WeightBytes);
        Assert.Equal(("onnx/model.onnx", "WordPiece", 64), (report.GraphFile!.Name, report.Tokenizer!.Family,
            report.Limit!.Tokens));
    }

    [Fact]
    public void A_tokenizer_alone_is_reported_with_what_is_missing()
    {
        File.Delete(_folder["onnx/model.onnx"]);
        Assert.Equal(["the folder has no graph for precision fp32 (looked for onnx/model.onnx, model.onnx); it has " +
            "no graph at all"], Problems());
        Assert.Equal(12, Read().Tokenizer!.VocabularySize);
        _folder.Write("reranker.onnx", "");
        Assert.EndsWith("; it has reranker.onnx: rename the one you mean to model.onnx", Assert.Single(Problems()));
    }

    [Fact]
    public void A_graph_alone_is_reported_with_everything_that_is_missing()
    {
        File.Delete(_folder["tokenizer.json"]);
        File.Delete(_folder["config.json"]);
        var graph = ModelFolder.Sum();
        graph.External("w", OnnxType.Float, [2], "model.onnx_data", 0, 8);
        graph.Save(_folder["onnx/model.onnx"]);
        Assert.Equal(["the folder has no tokenizer; expected tokenizer.json or vocab.txt",
            "the data file 'model.onnx_data', which model.onnx names, is missing: the weights are not here"],
            Problems());
        Assert.Equal([new ModelFile("onnx/model.onnx_data", null)], Read().DataFiles);
        var warning = Assert.Single(Read().Findings, f => f.Severity == Severity.Warning);
        Assert.StartsWith("there is no config.json", warning.Found);
        Assert.NotNull(Read().Signature);
    }

    [Fact]
    public void A_folder_with_nothing_of_a_model_is_an_error()
    {
        var empty = _folder.Spec() with { Model = new("models/none", _folder["onnx"]) };
        File.Delete(_folder["onnx/model.onnx"]);
        Assert.NotNull(Assert.Throws<UserError>(() => Read(empty)).Hint);
        Assert.Equal("there is no model folder models/gone",
            Assert.Throws<UserError>(() =>
                Read(_folder.Spec() with { Model = new("models/gone", _folder["gone"]) })).Message);
    }

    [Fact]
    public void A_data_file_that_is_cut_off_is_a_problem_with_the_bytes_that_are_missing()
    {
        var graph = ModelFolder.Sum();
        graph.External("a", OnnxType.Float, [2], "w.bin", 16, 8);
        graph.External("b", OnnxType.Float, [2], "w.bin", 0, 8);
        graph.Save(_folder["onnx/model.onnx"]);
        _folder.Write("onnx/w.bin", new string('x', 23));
        Assert.Equal(["the data file 'w.bin' is cut off: model.onnx needs 24 bytes of it, it has 23"], Problems());
        Assert.Contains("download interrupted", Read().Findings[0].Remedy);
        _folder.Write("onnx/w.bin", new string('x', 24));
        Assert.NotNull(Read().Model);
    }

    /// <summary>Python's cache of the hub is made of links.</summary>
    [Fact]
    public void A_link_is_as_long_as_the_file_it_leads_to_and_one_to_nothing_is_missing()
    {
        var graph = ModelFolder.Sum();
        graph.External("a", OnnxType.Float, [250], "w.bin", 0, 1000);
        graph.Save(_folder["onnx/model.onnx"]);
        _folder.Write("blobs/w", new string('x', 1000));
        File.CreateSymbolicLink(_folder["onnx/w.bin"], _folder["blobs/w"]);
        Assert.Equal([new ModelFile("onnx/w.bin", 1000)], Read().DataFiles);
        Assert.NotNull(Read().Model);
        File.Delete(_folder["blobs/w"]);
        Assert.StartsWith("the data file 'w.bin', which model.onnx names, is missing", Assert.Single(Problems()));
    }

    [Theory]
    [InlineData("onnx/model.onnx", "model.onnx")]
    [InlineData("tokenizer.json", "tokenizer.json")]
    [InlineData("onnx/w.bin", "w.bin")]
    public void A_Git_LFS_pointer_is_told_from_a_damaged_file(string path, string name)
    {
        if (name == "w.bin")
        {
            var graph = ModelFolder.Sum();
            graph.External("a", OnnxType.Float, [2], "w.bin", 0, 8);
            graph.Save(_folder["onnx/model.onnx"]);
        }
        _folder.Write(path,
            $"version https://git-lfs.github.com/spec/v1\noid sha256:{new string('0', 64)}\nsize 90405214\n");
        Assert.Equal([$"{name} is a Git LFS pointer, not the file itself"], Problems());
        Assert.Contains("git lfs pull", Read().Findings[0].Remedy);
    }

    [Fact]
    public void A_classifier_of_three_labels_is_no_reranker_whether_graph_or_config_says_so()
    {
        ModelFolder.Sum(columns: 3).Save(_folder["onnx/model.onnx"]);
        Assert.EndsWith("found logits [batch, 3]; this looks like a classifier of 3 classes (of inference, NLI?), " +
            "not a reranker", Assert.Single(Problems()));
        ModelFolder.Sum().Save(_folder["onnx/model.onnx"]);
        Config(""", "id2label": {"0": "contradiction", "1": "entailment", "2": "neutral"}""");
        Assert.StartsWith("config.json names 3 labels: this is a classifier (of inference, NLI?), not a reranker",
            Assert.Single(Problems()));
    }

    [Fact]
    public void Labels_that_the_graph_does_not_give_are_a_warning()
    {
        Config(""", "num_labels": 2""");
        Assert.Equal("config.json names 2 labels, but the graph gives 1", OnlyWarning());
        ModelFolder.Sum(columns: 2).Save(_folder["onnx/model.onnx"]);
        Assert.Empty(Read().Findings);
    }

    [Theory]
    [InlineData("BertModel", "bi-encoder")]
    [InlineData("XLMRobertaForMaskedLM", "bi-encoder")]
    [InlineData("Qwen3ForCausalLM", "decoder reranker")]
    public void Another_architecture_is_a_warning(string architecture, string remedy)
    {
        _folder.Write("config.json", $$"""{"architectures": ["{{architecture}}"], "max_position_embeddings": 64}""");
        Assert.Equal($"config.json says {architecture}; a cross-encoder is a …ForSequenceClassification",
            OnlyWarning());
        Assert.Contains(remedy, Read().Findings[0].Remedy);
    }

    [Theory]
    [InlineData(11, "the tokenizer's ids reach 11, but the model knows 11 tokens (vocab_size)")]
    [InlineData(40, "the tokenizer has 12 tokens, but the model knows 40 (vocab_size): it may be another model's")]
    public void A_vocabulary_of_another_size_is_a_warning(int size, string found)
    {
        _folder.Write("config.json", $$"""{"max_position_embeddings": 64, "vocab_size": {{size}}}""");
        Assert.StartsWith(found, OnlyWarning());
    }

    [Fact]
    public void A_vocabulary_that_was_rounded_up_is_none()
    {
        _folder.Write("config.json", """{"max_position_embeddings": 64, "vocab_size": 13}""");
        Assert.Empty(Read().Findings);
    }

    [Fact]
    public void Token_types_that_the_model_does_not_know_are_a_warning()
    {
        Config(""", "type_vocab_size": 1""");
        Assert.Contains("token type 1, but the model knows one type", OnlyWarning());
        ModelFolder.Sum(inputs: ["input_ids", "attention_mask"]).Save(_folder["onnx/model.onnx"]);
        Assert.Empty(Read().Findings);
    }

    [Fact]
    public void A_graph_without_a_mask_is_a_warning()
    {
        ModelFolder.Sum(inputs: ["input_ids"]).Save(_folder["onnx/model.onnx"]);
        Assert.Equal("the graph takes no attention_mask: padding may change scores", OnlyWarning());
    }

    [Fact]
    public void A_tokenizer_without_special_tokens_is_a_warning()
    {
        var tokenizer = ModelFolder.Tokenizer();
        tokenizer["post_processor"] = null;
        _folder.Write("tokenizer.json", tokenizer.ToJsonString());
        Assert.StartsWith("the tokenizer puts no special tokens around a pair", OnlyWarning());
    }

    [Fact]
    public void A_long_limit_is_a_warning_unless_a_length_is_declared()
    {
        _folder.Write("config.json", """{"max_position_embeddings": 8192}""");
        Assert.StartsWith("no max_length is declared, and the model takes 8192 tokens", OnlyWarning());
        Assert.Empty(Read(_folder.Spec(maxLength: 8192)).Findings);
    }

    [Fact]
    public void A_pinned_fingerprint_that_is_not_the_models_is_a_problem() =>
        Assert.Contains("as scorer.fingerprint demands",
            Assert.Single(Problems(_folder.Spec(fingerprint: "0123456789abcdef"))));

    [Theory]
    [InlineData("fp32", "onnx/model.onnx", "model_fp16.onnx")]
    [InlineData("O4", "model_O4.onnx")]
    [InlineData("optimized", "onnx/model_optimized.onnx")]
    [InlineData("int8", "onnx/model_quantized.onnx", "onnx/model_uint8.onnx")]
    [InlineData("bnb4", "model_q4f16.onnx", "model_bnb4.onnx")]
    public void The_usual_precision_is_fp32_else_the_first_that_is_there(string precision, params string[] names)
    {
        File.Delete(_folder["onnx/model.onnx"]);
        foreach (var name in names) _folder.Write(name, "");
        Assert.Equal(precision, OnnxModelFolder.UsualPrecision(_folder[""]));
    }
}
