using System.Text.Json;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Tests.Scoring.Onnx.Tokenization;

/// <summary>Real tokenizers against what Hugging Face's Rust tokenizers 0.22.2 made of the same pairs.</summary>
public sealed class ReferenceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("bert-base-chinese")]
    [InlineData("xlmr-metaspace")]
    [InlineData("xlmr-whitespacesplit")]
    [InlineData("modernbert")]
    [InlineData("qwen3")]
    public void Ids_and_types_of_real_texts_equal_hugging_faces(string name)
    {
        var folder = Repository.Shared("tokenizers", name);
        Compare(TokenizerFile.Read(folder), folder);
    }

    [Fact]
    public void A_vocabulary_with_its_settings_gives_the_same_ids_as_the_tokenizer_made_of_it()
    {
        var folder = Repository.Shared("tokenizers", "bert-base-uncased");
        foreach (var name in (string[])["vocab.txt", "tokenizer_config.json"]) File.Copy(Path.Combine(folder, name), _folder[name]);
        Compare(TokenizerFile.Read(_folder.Path), folder);
    }

    static void Compare(TokenizerFile file, string folder)
    {
        var encoders = new Dictionary<(int, string), PairEncoder>();
        int equal = 0, pairs = 0;
        var different = new List<int>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "expected.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var expected = json.RootElement;
            var (maxLength, rule) = (expected.GetProperty("max_length").GetInt32(),
                expected.GetProperty("truncation").GetString()!);
            if (!encoders.TryGetValue((maxLength, rule), out var encoder))
                encoders[(maxLength, rule)] = encoder = new PairEncoder(file, maxLength,
                    rule == "only_second" ? Truncation.OnlySecond : Truncation.LongestFirst);
            var pair = encoder.Encode(expected.GetProperty("query").GetString()!,
                expected.GetProperty("passage").GetString()!);

            // The file of bert-base-uncased asks for padding to 128 tokens, of type 0.
            var (ids, types) = (Numbers(expected, "input_ids"), Numbers(expected, "token_type_ids"));
            int length = Array.FindLastIndex(ids, id => id != file.PaddingId) + 1;
            Assert.DoesNotContain(types[length..], type => type != 0);
            pairs++;
            if (pair.Ids.SequenceEqual(ids[..length])
                && pair.Ids.Select((_, i) => i < pair.TypeOneFrom ? 0 : 1).SequenceEqual(types[..length])) equal++;
            else different.Add(pairs);
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{Path.GetFileName(folder)}: {equal} of {pairs} pairs equal; not: {string.Join(' ', different)}");
        Assert.Equal(799, pairs);
        Assert.True(equal == pairs, $"{equal} of {pairs} pairs are equal; not: {string.Join(' ', different)}");

        static int[] Numbers(JsonElement element, string key) =>
            [.. element.GetProperty(key).EnumerateArray().Select(n => n.GetInt32())];
    }
}
