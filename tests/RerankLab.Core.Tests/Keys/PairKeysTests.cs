using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Tests.Keys;

public sealed class PairKeysTests
{
    /// <summary>The keys of one query with its passages.</summary>
    static QueryKeys Of(string query, params string[] passages)
    {
        var texts = new TextPool();
        var at = new CandidateTexts(texts.Add(query.Utf8()), [.. passages.Select(p => texts.Add(p.Utf8()))]);
        var candidates = new CandidateQuery("q", [.. passages.Select((_, i) => $"d{i}")], null);
        return PairKeys.Of(new Dataset([candidates], [at], texts, null, true, []))[0];
    }

    /// <summary>
    /// From Python: <c>hashlib.md5(f"{query}_{passage}".encode()).hexdigest()</c> and
    /// <c>int.from_bytes(hashlib.md5(query.encode()).digest()[:8], "big", signed=True)</c>.
    /// </summary>
    [Theory]
    [InlineData("what is ONNX?", "ONNX is an open format.", "acd917055b3dd1cf3895526f1c871bf0", 8979038000832401382)]
    [InlineData("重排序模型有哪些？", "交叉编码器，例如 GTE 与 BGE。", "093d112ab51cac47e45e0bdfc6c64f50", 3929628568175014218)]
    [InlineData("naïve café", "𝒳 emoji 🙂\ttab", "b7aefe7ff41a21f0ee189c357ab5c9e9", -8075286526325328409)]
    [InlineData("", "", "b14a7b8059d9c055954c92674ce60032", -3162216497309240828)]
    public void Keys_are_those_of_python(string query, string passage, string pair, long queryKey)
    {
        var keys = Of(query, passage);
        Assert.Equal(pair, keys.Pairs[0].ToString());
        Assert.Equal(queryKey, keys.Query);
        Assert.Equal(queryKey, PairKeys.OfQuery(query.Utf8()));
    }

    [Theory]
    [InlineData("query", "passage", true)]
    [InlineData("query", "passagE", false)]
    [InlineData("quer", "y_passage", false)]
    [InlineData("query_passage", "", false)]
    [InlineData("", "", false)]
    public void Whether_texts_are_those_of_a_key_is_told_by_both_texts(string query, string passage, bool expected)
    {
        var keys = Of("query", "passage");
        Assert.Equal(expected, PairKeys.AreOf(new TextKey(keys.Query, keys.Pairs[0]), query.Utf8(), passage.Utf8()));
    }

    [Fact]
    public void Long_texts_are_recognised_too()
    {
        var (query, passage) = (new string('q', 3_000), new string('长', 3_000));
        var keys = Of(query, "short", passage);
        Assert.True(PairKeys.AreOf(new TextKey(keys.Query, keys.Pairs[1]), query.Utf8(), passage.Utf8()));
        Assert.False(PairKeys.AreOf(new TextKey(keys.Query, keys.Pairs[0]), query.Utf8(), passage.Utf8()));
    }

    [Fact]
    public void Texts_that_join_alike_share_the_pair_key_and_are_kept_apart_by_the_query_key()
    {
        var (left, right) = (Of("a_b", "c"), Of("a", "b_c"));
        Assert.Equal("8d28cddc274233853a82eae1c6c7f0b3", left.Pairs[0].ToString());
        Assert.Equal(left.Pairs[0], right.Pairs[0]);
        Assert.NotEqual(left.Query, right.Query);
    }

    [Fact]
    public void Every_passage_has_its_own_key_whatever_stands_before_it()
    {
        var together = Of("q", "long passage one", "two", "", "two");
        string[] passages = ["long passage one", "two", "", "two"];
        Assert.Equal(passages.Select(p => Of("q", p).Pairs[0]), together.Pairs);
    }

    [Fact]
    public void A_pair_key_survives_its_bytes_and_sorts_as_they_do()
    {
        var random = new Random(11);
        var bytes = Enumerable.Range(0, 200).Select(_ =>
        {
            var b = new byte[PairKey.Size];
            random.NextBytes(b);
            return b;
        }).ToList();
        foreach (var b in bytes)
        {
            var copy = new byte[PairKey.Size];
            PairKey.From(b).CopyTo(copy);
            Assert.Equal(b, copy);
            Assert.Equal(Convert.ToHexStringLower(b), PairKey.From(b).ToString());
        }
        Assert.Equal(bytes.OrderBy(Convert.ToHexStringLower, StringComparer.Ordinal),
            bytes.OrderBy(b => PairKey.From(b).Value));
    }
}
