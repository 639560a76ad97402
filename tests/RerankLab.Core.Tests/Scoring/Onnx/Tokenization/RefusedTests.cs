using System.Text.Json.Nodes;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Tests.Scoring.Onnx.Tokenization;

/// <summary>What rlab cannot do exactly it refuses by name, before a vocabulary is read.</summary>
public sealed class RefusedTests : IDisposable
{
    const string BytePairs = """{"type": "BPE", "vocab": {"a": 0}, "merges": []}""";
    const string Unigram = """{"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1]]}""";
    const string ByteLevel = """{"type": "ByteLevel", "add_prefix_space": false}""";

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"normalizer": {"type": "Nmt"}}""", "the normalizer 'Nmt' is none")]
    [InlineData("""{"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Prepend"}]}}""",
        "the normalizer 'Prepend' is none")]
    [InlineData("""{"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "b"}}""",
        """the normalizer's Replace pattern '{"Regex":"a\u002B"}' is none""")]
    [InlineData("""{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "####"}}""", "the precompiled_charsmap is damaged")]
    [InlineData("""{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAEAAA=="}}""",
        "the precompiled_charsmap is damaged")]
    [InlineData("""{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"}]}}""",
        "the pre_tokenizer 'Digits' is none")]
    [InlineData("""{"pre_tokenizer": {"type": "Punctuation", "behavior": "Removed"}}""", "the pre_tokenizer '")]
    [InlineData("""{"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}}""", "the pre_tokenizer '")]
    [InlineData("""{"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}}""", "the pre_tokenizer '")]
    [InlineData("""
        {"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first"}}
        """, "the pre_tokenizer behind a normalizer 'Metaspace with prepend_scheme first' is none")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\d"}, "behavior": "Isolated"}}""",
        "the pre_tokenizer '")]
    [InlineData("""{"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "Isolated"}}""",
        "the pre_tokenizer '")]
    [InlineData("""{"model": {"type": "WordLevel"}}""", "the model 'WordLevel' is none")]
    [InlineData("""{"model": {"vocab": {}}}""", "the model is missing")]
    [InlineData($$"""{"model": {{BytePairs}}}""", "BPE that is not byte-level is none of the settings")]
    [InlineData($$"""{"pre_tokenizer": {{ByteLevel}}, "model": {{Unigram}}}""", "ByteLevel before Unigram is none of the settings")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 0]]}}""", "the vocabulary lacks its unknown token (unk_id)")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 1, "vocab": [["a", 0]]}}""",
        "the vocabulary lacks its unknown token (unk_id)")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]], "byte_fallback": true}}""",
        "byte_fallback of Unigram is none of the settings")]
    [InlineData("""{"model": {"type": "WordPiece", "unk_token": "[U]", "vocab": {"a": 0}}}""",
        "the vocabulary lacks its unknown token [U]")]
    public void Parts_that_are_not_known_are_named(string json, string problem) =>
        Assert.StartsWith($"tokenizer.json: {problem}", Refused(JsonNode.Parse(json)!.AsObject()));

    [Theory]
    [InlineData("byte_fallback", "true")]
    [InlineData("ignore_merges", "true")]
    [InlineData("continuing_subword_prefix", "\"##\"")]
    [InlineData("end_of_word_suffix", "\"</w>\"")]
    [InlineData("dropout", "0.1")]
    public void Settings_of_byte_pairs_that_are_not_known_are_named(string setting, string value)
    {
        var model = JsonNode.Parse(BytePairs)!.AsObject();
        model[setting] = JsonNode.Parse(value);
        Assert.Equal($"tokenizer.json: {setting} of BPE is none of the settings that rlab knows",
            Refused(new JsonObject { ["pre_tokenizer"] = JsonNode.Parse(ByteLevel), ["model"] = model }));
    }

    [Fact]
    public void A_vocabulary_that_is_damaged_is_told_when_it_is_loaded()
    {
        Write(new JsonObject { ["model"] = JsonNode.Parse(Unigram.Replace("\"a\", -1", "\"a\"")) });
        var file = TokenizerFile.Read(_folder.Path);
        Assert.StartsWith(_folder["tokenizer.json"], Assert.Throws<UserError>(file.Load).Message);
    }

    string Refused(JsonObject parts)
    {
        Write(parts);
        return Assert.Throws<InvalidDataException>(() => TokenizerFile.Read(_folder.Path)).Message;
    }

    void Write(JsonObject parts)
    {
        if (!parts.ContainsKey("model")) parts["model"] = JsonNode.Parse(Unigram);
        _folder.Write("tokenizer.json", parts.ToJsonString());
    }
}
