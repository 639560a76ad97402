using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Tests.Scoring.Onnx.Tokenization;

/// <summary>
/// Small tokenizers of ours against what Hugging Face's Rust tokenizers 0.22 made of the same texts, recorded by
/// tests/reference/record-ids.mjs and record-unicode.mjs.
/// </summary>
public sealed class RecordedTests : IDisposable
{
    static readonly string Recorded = Path.Combine(Repository.Root, "tests", "RerankLab.Core.Tests", "Scoring", "Onnx",
        "Tokenization", "Recorded");

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Tokenizers =>
        [.. Directory.GetFiles(Recorded, "*.tokenizer.json").Select(f => Path.GetFileName(f).Split('.')[0]).Order()];

    public static TheoryData<string> Questions => [.. UnicodeQuestions().Select(q => q.GetProperty("name").GetString()!)];

    [Fact]
    public void Every_kind_of_tokenizer_is_recorded() => Assert.Equal(
        "albert bert-cased bert-plain bert-uncased bytes-fused bytes-lacking bytes-unknown deberta modernbert qwen2 roberta " +
        "unigram-whole xlmr-metaspace xlmr-whitespacesplit",
        string.Join(' ', Tokenizers.Select(t => t.Data)));

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ids_and_types_of_random_pairs_equal_hugging_faces(string name)
    {
        File.Copy(Path.Combine(Recorded, $"{name}.tokenizer.json"), _folder["tokenizer.json"]);
        var file = TokenizerFile.Read(_folder.Path);
        var different = new List<int>();
        int line = 0;
        foreach (var pair in File.ReadLines(Path.Combine(Recorded, $"{name}.pairs.jsonl")))
        {
            line++;
            using var json = JsonDocument.Parse(pair);
            var (query, passage) = (Text(json, "query"), Text(json, "passage"));
            var encoder = new PairEncoder(file, json.RootElement.GetProperty("max_length").GetInt32(),
                TruncationRule.TryParse(Text(json, "truncation"))!.Value);
            if (json.RootElement.GetProperty("input_ids").ValueKind == JsonValueKind.Null)
            {
                Assert.Throws<UserError>(() => encoder.Encode(query, passage));
                continue;
            }
            var encoded = encoder.Encode(query, passage);
            if (!encoded.Ids.SequenceEqual(Numbers(json, "input_ids"))
                || !encoded.Ids.Select((_, i) => i < encoded.TypeOneFrom ? 0 : 1).SequenceEqual(Numbers(json, "token_type_ids")))
                different.Add(line);
        }
        Assert.Equal(60, line);
        Assert.Empty(different);

        static string Text(JsonDocument json, string key) => json.RootElement.GetProperty(key).GetString()!;

        static IEnumerable<int> Numbers(JsonDocument json, string key) =>
            json.RootElement.GetProperty(key).EnumerateArray().Select(n => n.GetInt32());
    }

    [Theory]
    [MemberData(nameof(Questions))]
    public void Every_code_point_is_treated_as_hugging_face_treats_it(string question)
    {
        var recorded = UnicodeQuestions().Single(q => q.GetProperty("name").GetString() == question);
        _folder.Write("tokenizer.json", recorded.GetProperty("tokenizer").GetRawText());
        var encoder = new PairEncoder(TokenizerFile.Read(_folder.Path), 1 << 20, Truncation.LongestFirst);
        var different = new List<string>();
        foreach (var block in recorded.GetProperty("digests").EnumerateObject())
            if (Digest(encoder, Convert.ToInt32(block.Name, 16)) != block.Value.GetString()) different.Add(block.Name);
        Assert.Empty(different);
    }

    /// <summary>As record-unicode.mjs asks.</summary>
    static string Digest(PairEncoder encoder, int first)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int start = first; start < first + 1024; start += 16)
        {
            var text = new StringBuilder(char.ConvertFromUtf32(start));
            foreach (var c in Enumerable.Range(start, 16).Select(char.ConvertFromUtf32)) text.Append($"a{c}b {c}{c}1{c}\u0301\u094d'{c}");
            text.Append(char.ConvertFromUtf32(start + 15));
            hash.AppendData([.. encoder.Encode("", text.ToString()).Ids.Select(id => (byte)id)]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    static JsonElement[] UnicodeQuestions() =>
        [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Recorded, "unicode.json"))).RootElement.EnumerateArray()];
}
