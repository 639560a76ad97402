using System.Text.Json.Nodes;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Scoring.Onnx;

public sealed class OnnxModelFolderTests : IDisposable
{
    readonly ModelFolder _folder = ModelFolder.Whole();

    public void Dispose() => _folder.Dispose();

    OnnxModelWriter WithData(params string[] locations)
    {
        var graph = ModelFolder.Sum();
        for (int i = 0; i < locations.Length; i++) graph.External($"w{i}", OnnxType.Float, [1], locations[i], 0, 4);
        return graph;
    }

    void Edit(string name, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder[name]))!;
        edit(json);
        _folder.Write(name, json.ToJsonString());
    }

    [Theory]
    [InlineData("fp32", "onnx/model.onnx", "model.onnx")]
    [InlineData("fp16", "onnx/model_fp16.onnx", "model_fp16.onnx")]
    [InlineData("int8", "onnx/model_int8.onnx", "model_int8.onnx", "onnx/model_quantized.onnx", "model_quantized.onnx")]
    [InlineData("q4f16", "onnx/model_q4f16.onnx", "model_q4f16.onnx")]
    public void The_graph_of_a_precision_is_looked_for_in_the_usual_places(string precision, params string[] names)
    {
        var (spec, problems) = (_folder.Spec(precision), new Problems());
        File.Delete(_folder["onnx/model.onnx"]);
        Assert.Null(OnnxModelFolder.Open(spec, _folder.Hashes, problems));
        Assert.Null(ScorerResolver.OpenModel(spec, _folder.Hashes, problems));
        Assert.Empty(problems.Shown());
        Assert.StartsWith($"models/tiny has no graph for precision {precision} (looked for {names[0]}, ",
            OnnxModelFolder.DescribeAbsence(spec));
        // From the last resort to the first: each wins over those before.
        foreach (var name in names.Reverse())
        {
            ModelFolder.Sum().Save(_folder[name]);
            Assert.Equal(_folder[name], _folder.Open(spec).GraphFile);
        }
    }

    [Fact]
    public void A_model_that_is_absent_is_described_with_what_was_looked_for()
    {
        File.Delete(_folder["onnx/model.onnx"]);
        var error = ScorerResolver.ModelIsAbsent(_folder.Spec(), 3, 10);
        Assert.Equal("3 of 10 pairs have no score in the lab file, and their model is not on this machine: " +
                     "models/tiny has no graph for precision fp32 (looked for onnx/model.onnx, model.onnx); it has no graph at all",
                         error.Message);
        Assert.NotNull(error.Hint);
        var nowhere = _folder.Spec() with { Model = new("models/none", _folder["none"]) };
        Assert.EndsWith(": there is no model folder models/none", ScorerResolver.ModelIsAbsent(nowhere, 3, 10).Message);
    }

    [Fact]
    public void A_precision_that_is_absent_is_told_with_those_that_are_there()
    {
        foreach (var name in new[] { "model_O4.onnx", "onnx/model_quantized.onnx", "model_q4f16.onnx", "modelling.onnx", "other.onnx", "onnx/model.onnx_data" })
            _folder.Write(name, "");
        Assert.Equal(["O4", "fp32", "int8", "q4f16"], OnnxModelFolder.Precisions(_folder[""]));
        Assert.EndsWith("; it has O4, fp32, int8, q4f16", OnnxModelFolder.DescribeAbsence(_folder.Spec("fp16")));
    }

    [Fact]
    public void A_graph_in_the_folder_itself_is_found()
    {
        File.Move(_folder["onnx/model.onnx"], _folder["model.onnx"]);
        Assert.Equal(_folder["model.onnx"], _folder.Open().GraphFile);
    }

    [Fact]
    public void A_demanded_fingerprint_must_be_the_models()
    {
        var problems = new Problems();
        var fingerprint = _folder.Fingerprint();
        Assert.NotNull(ScorerResolver.OpenModel(_folder.Spec(fingerprint: fingerprint[..5].ToUpperInvariant()),
            _folder.Hashes, problems));
        Assert.True(problems.None);
        ScorerResolver.OpenModel(_folder.Spec(fingerprint: "xyz"), _folder.Hashes, problems);
        Assert.Equal([$"models/tiny: this model's fingerprint is {fingerprint[..12]}…, not xyz… as scorer.fingerprint demands"], problems.Shown());
    }

    [Fact]
    public void Max_length_is_the_models_own_limit_where_none_is_declared()
    {
        Assert.Equal(64, _folder.Open().MaxLength);
        _folder.Write("tokenizer_config.json", """{"model_max_length": 32}""");
        Assert.Equal(32, _folder.Open().MaxLength);
        _folder.Write("tokenizer_config.json", """{"model_max_length": 1000000000000000019884624838656}""");
        Assert.Equal(64, _folder.Open().MaxLength);
        Assert.Equal(16, _folder.Open(_folder.Spec(maxLength: 16)).MaxLength);
        Assert.Equal(64, _folder.Open(_folder.Spec(maxLength: 64)).MaxLength);
    }

    [Fact]
    public void A_max_length_above_the_models_limit_is_a_problem() => Assert.Equal(
        ["models/tiny: scorer.max_length is 65, but the model takes at most 64 tokens"],
            _folder.Problems(_folder.Spec(maxLength: 65)));

    [Theory]
    [InlineData("""{"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}""", 512)]
    [InlineData("""{"model_type": "xlm-roberta", "max_position_embeddings": 8194, "pad_token_id": 1}""", 8192)]
    [InlineData("""{"model_type": "camembert", "max_position_embeddings": 514}""", 512)]
    [InlineData("""{"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 0}""", 513)]
    [InlineData("""{"model_type": "bert", "max_position_embeddings": 514, "pad_token_id": 1}""", 514)]
    [InlineData("""{"max_position_embeddings": 514}""", 514)]
    public void Positions_that_no_token_can_take_do_not_count(string config, int limit)
    {
        _folder.Write("config.json", config);
        Assert.Equal(limit, _folder.Open().MaxLength);
        Assert.Equal([$"models/tiny: scorer.max_length is {limit + 1}, but the model takes at most {limit} tokens"],
            _folder.Problems(_folder.Spec(maxLength: limit + 1)));
        _folder.Write("tokenizer_config.json", """{"model_max_length": 1000000000000000019884624838656}""");
        Assert.Equal(limit, _folder.Open().MaxLength);
        _folder.Write("tokenizer_config.json", """{"model_max_length": 500}""");
        Assert.Equal(500, _folder.Open().MaxLength);
    }

    [Fact]
    public void A_model_without_a_limit_needs_a_declared_one()
    {
        File.Delete(_folder["config.json"]);
        Assert.Equal(["models/tiny: the model does not say how many tokens it takes; declare scorer.max_length"],
            _folder.Problems());
        Assert.Equal(5000, _folder.Open(_folder.Spec(maxLength: 5000)).MaxLength);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_said_to_have_none()
    {
        File.Delete(_folder["tokenizer.json"]);
        Assert.Equal(["models/tiny: the folder has no tokenizer; expected tokenizer.json or vocab.txt"],
            _folder.Problems());
    }

    [Theory]
    [InlineData("model", """{"type": "WordLevel"}""", "the model 'WordLevel' is none that rlab knows")]
    [InlineData("model", "{}", "the model is missing")]
    [InlineData("normalizer", """{"type": "Acme"}""", "the normalizer 'Acme' is none that rlab knows")]
    [InlineData("pre_tokenizer", """{"type": "Acme"}""", "the pre_tokenizer 'Acme' is none that rlab knows")]
    [InlineData("post_processor", """{"type": "Acme"}""", "the post_processor 'Acme' is none that rlab knows")]
    [InlineData("post_processor", """
        {"type": "TemplateProcessing", "special_tokens": {"<s>": {"ids": [0]}},
          "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}
        """, "the pair template '<s>:0 $A:0' is none that rlab knows; expected the query before the passage, types 0 and then 1 at most")]
    public void Another_family_of_tokenizers_is_refused_by_name(string part, string json, string problem)
    {
        Edit("tokenizer.json", t => t[part] = JsonNode.Parse(json));
        Assert.Equal([$"models/tiny: tokenizer.json: {problem}"], _folder.Problems());
    }

    [Fact]
    public void An_old_tokenizer_file_may_leave_the_type_of_its_model_out()
    {
        Edit("tokenizer.json", t => t["model"]!.AsObject().Remove("type"));
        Assert.Equal([30_626], _folder.Score(("a", "b c")));
        Edit("tokenizer.json", t => t["model"]!.AsObject().Remove("max_input_chars_per_word"));
        Assert.Equal(["models/tiny: tokenizer.json: the model is missing"],
            _folder.Problems());
    }

    [Fact]
    public void The_template_may_be_written_out()
    {
        var before = _folder.Open().Tokenizer.Template;
        Edit("tokenizer.json", t => t["post_processor"] = JsonNode.Parse("""
            {"type": "TemplateProcessing",
              "special_tokens": {"[CLS]": {"ids": [2]}, "[SEP]": {"ids": [3]}},
              "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]}
            """));
        Assert.Equivalent(before, _folder.Open().Tokenizer.Template);
    }

    [Theory]
    [InlineData("tokenizer.json", "{")]
    [InlineData("tokenizer.json", "null")]
    [InlineData("tokenizer.json", "[]")]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer.json", """{"model": "WordPiece"}""")]
    [InlineData("config.json", "{")]
    [InlineData("config.json", "[]")]
    [InlineData("config.json", """{"max_position_embeddings": "many"}""")]
    [InlineData("tokenizer_config.json", "[1]")]
    public void A_broken_file_of_the_folder_is_the_users_problem(string name, string text)
    {
        _folder.Write(name, text);
        Assert.StartsWith("models/tiny: ", Assert.Single(_folder.Problems()));
    }

    [Theory]
    [InlineData("vocab", "null")]
    [InlineData("vocab", "[\"a\"]")]
    [InlineData("vocab", "{\"a\": \"b\"}")]
    [InlineData("vocab", "{\"a\": 1.5}")]
    public void A_vocabulary_of_another_shape_is_the_users_problem(string key, string json)
    {
        Edit("tokenizer.json", t => t["model"]![key] = JsonNode.Parse(json));
        Assert.StartsWith("models/tiny: ", Assert.Single(_folder.Problems()));
    }

    [Fact]
    public void A_vocabulary_that_lacks_its_unknown_token_is_the_users_problem()
    {
        Edit("tokenizer.json", t => t["model"]!["vocab"]!.AsObject().Remove("[UNK]"));
        Assert.Equal(["models/tiny: tokenizer.json: the vocabulary lacks its unknown token [UNK]"], _folder.Problems());
    }

    [Theory]
    [InlineData("[CLS]")]
    [InlineData("[SEP]")]
    [InlineData("[PAD]")]
    [InlineData("[UNK]")]
    public void A_vocabulary_file_that_lacks_a_special_token_is_the_users_problem(string token)
    {
        File.Delete(_folder["tokenizer.json"]);
        _folder.Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\n".Replace(token, "x"));
        Assert.Equal([$"models/tiny: the tokenizer's vocabulary lacks {token}"], _folder.Problems());
    }

    [Fact]
    public void A_vocabulary_file_alone_is_a_tokenizer()
    {
        File.Delete(_folder["tokenizer.json"]);
        _folder.Write("vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\nb\r\nc\r\n");
        Assert.Equal([30_626], _folder.Score(("a", "b c")));
        Assert.Equal([30_626], _folder.Score(("Á", "B C")));
    }

    [Fact]
    public void Options_beside_a_vocabulary_file_are_heard_and_part_of_the_scorer()
    {
        File.Delete(_folder["tokenizer.json"]);
        _folder.Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n");
        var plain = _folder.Fingerprint();
        Assert.Equal([30_626], _folder.Score(("A", "b c")));
        _folder.Write("tokenizer_config.json", """{"do_lower_case": false}""");
        Assert.Equal([30_622], _folder.Score(("A", "b c")));
        Assert.NotEqual(plain, _folder.Fingerprint());
    }

    [Fact]
    public void The_fingerprint_depends_on_everything_that_can_change_a_score()
    {
        WithData("weights.bin").Save(_folder["onnx/model.onnx"]);
        _folder.Write("onnx/weights.bin", "1234");
        var seen = new HashSet<string> { _folder.Fingerprint() };

        Assert.True(seen.Add(_folder.Fingerprint(_folder.Spec(maxLength: 32))));
        Assert.True(seen.Add(_folder.Fingerprint(_folder.Spec(truncation: Truncation.OnlySecond))));
        _folder.Write("onnx/weights.bin", "1235");
        Assert.True(seen.Add(_folder.Fingerprint()));
        Edit("tokenizer.json", t => t["normalizer"]!["lowercase"] = false);
        Assert.True(seen.Add(_folder.Fingerprint()));
        WithData("weights.bin").Metadata("changed", "yes").Save(_folder["onnx/model.onnx"]);
        Assert.True(seen.Add(_folder.Fingerprint()));
        _folder.Write("config.json", """{"max_position_embeddings": 128}""");
        Assert.True(seen.Add(_folder.Fingerprint()));
    }

    [Fact]
    public void The_fingerprint_does_not_depend_on_where_the_folder_is_or_what_else_lies_in_it()
    {
        var first = _folder.Fingerprint();
        _folder.Write("README.md", "x");
        _folder.Write("config.json", """{"max_position_embeddings": 64, "hidden_size": 3}""");
        _folder.Write("tokenizer_config.json", """{"model_max_length": 64}""");
        Assert.Equal(first, _folder.Fingerprint());
        Assert.Equal(first, _folder.Fingerprint(_folder.Spec(maxLength: 64)));
        using var elsewhere = ModelFolder.Whole();
        Assert.Equal(first, elsewhere.Fingerprint());
        File.Move(_folder["onnx/model.onnx"], _folder["model_fp16.onnx"]);
        Assert.Equal(first, _folder.Fingerprint(_folder.Spec("fp16")));
    }

    [Fact]
    public void Every_field_of_the_identity_is_named()
    {
        var identity = _folder.Open().Identity;
        Assert.Equal(["data", "encoder", "graph", "max_length", "output", "template", "tokenizer", "truncation"],
            identity.Fields.Keys);
        Assert.Equal(("onnx", "fp32", 64), (identity.Kind, identity.Precision, identity.MaxLength));
        Assert.True(identity.Matches(_folder.Spec()));
    }

    [Fact]
    public void A_dynamically_quantised_graph_makes_an_approximate_scorer_and_no_other_does()
    {
        Assert.False(_folder.Open().Identity.IsApproximate);
        var graph = ModelFolder.Sum();
        graph.Node("DynamicQuantizeLinear", ["q", "scale", "zero"], ["input_ids_float"]);
        graph.Save(_folder["onnx/model_quantized.onnx"]);
        var identity = _folder.Open(_folder.Spec("int8")).Identity;
        Assert.True(identity.IsApproximate);
        Assert.Equal("\"dynamic quantisation\"", identity.Fields["approximate"]);
    }

    [Fact]
    public void Everything_that_is_wrong_with_a_folder_is_told_together()
    {
        WithData("gone.bin").Input("pixel_values", OnnxType.Float, "batch").Save(_folder["onnx/model.onnx"]);
        File.Delete(_folder["tokenizer.json"]);
        Assert.Equal(
        [
            "models/tiny: the folder has no tokenizer; expected tokenizer.json or vocab.txt",
            "models/tiny: model.onnx: unexpected inputs (input_ids, attention_mask, token_type_ids, pixel_values); " +
            "a cross-encoder takes input_ids, and perhaps attention_mask and token_type_ids",
            "models/tiny: the data file 'gone.bin', which model.onnx names, is missing: the weights are not here",
            "models/tiny: scorer.max_length is 65, but the model takes at most 64 tokens",
        ], _folder.Problems(_folder.Spec(maxLength: 65)));
    }

    [Fact]
    public void A_missing_data_file_is_named()
    {
        WithData("here.bin", "gone.bin").Save(_folder["onnx/model.onnx"]);
        _folder.Write("onnx/here.bin", "1234");
        Assert.Equal(["models/tiny: the data file 'gone.bin', which model.onnx names, is missing: the weights are not here"], _folder.Problems());
    }

    [Fact]
    public void The_real_graph_of_bge_names_its_missing_weights()
    {
        var graph = Path.Combine(Repository.Shared("models", "bge-reranker-v2-m3-graph-only"), "model.onnx");
        File.Copy(graph, _folder["onnx/model.onnx"], overwrite: true);
        Assert.Equal(["models/tiny: the data file 'model.onnx_data', which model.onnx names, is missing: the weights are not here"], _folder.Problems());
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("a/../../weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("/etc/hostname")]
    public void A_data_file_outside_the_folder_is_refused(string location)
    {
        WithData(location).Save(_folder["onnx/model.onnx"]);
        Assert.Equal([$"models/tiny: model.onnx names a data file outside its folder: '{location}'"],
            _folder.Problems());
    }

    [Theory]
    [InlineData(0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01)] // a length of 2^64 - 1
    [InlineData(0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F)] // a length of 2^63 - 1
    [InlineData(0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)] // a number without an end
    [InlineData(0x3A, 0x05, 0x0A)] // a length beyond the end
    [InlineData(0x3D, 0x00)] // four bytes of which one is there
    [InlineData(0x39, 0x00)] // eight bytes of which one is there
    [InlineData((int)'v', (int)'e', (int)'r')] // text
    public void Bytes_that_are_no_onnx_file_are_refused(params int[] bytes)
    {
        File.WriteAllBytes(_folder["onnx/model.onnx"], [.. bytes.Select(b => (byte)b)]);
        Assert.StartsWith("models/tiny: model.onnx is not a whole ONNX file: ", Assert.Single(_folder.Problems()));
    }

    [Fact]
    public void An_empty_file_is_no_graph()
    {
        File.WriteAllBytes(_folder["onnx/model.onnx"], []);
        Assert.Equal(["models/tiny: model.onnx is not a whole ONNX file: it has no graph"], _folder.Problems());
    }
}
