using System.Text.Json.Nodes;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Tests.Scoring.Onnx.Tokenization;

public sealed class BertTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The pair as tokens, of a vocabulary of these words after the five special tokens.</summary>
    string Encode(string query, string passage, string words, int maxLength = 512,
        Truncation truncation = Truncation.LongestFirst, Action<JsonNode>? edit = null)
    {
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words.Split(' ')];
        var tokenizer = ModelFolder.Tokenizer();
        tokenizer["model"]!["vocab"] = new JsonObject(vocabulary.Select((w, i) =>
            KeyValuePair.Create(w, (JsonNode?)i)));
        edit?.Invoke(tokenizer);
        _folder.Write("tokenizer.json", tokenizer.ToJsonString());
        var encoder = new PairEncoder(TokenizerFile.Read(_folder.Path), maxLength, truncation);
        return string.Join(' ', encoder.Encode(query, passage).Ids.Select(id => vocabulary[id]));
    }

    /// <summary>One text's tokens.</summary>
    string Tokens(string text, string words, Action<JsonNode>? edit = null)
    {
        var tokens = Encode("", text, words, edit: edit);
        Assert.StartsWith("[CLS] [SEP]", tokens);
        Assert.EndsWith(" [SEP]", tokens);
        return tokens["[CLS] [SEP]".Length..^" [SEP]".Length].Trim();
    }

    [Fact]
    public void A_pair_is_class_query_separator_passage_separator()
    {
        Assert.Equal("[CLS] a b [SEP] c [SEP]", Encode("a b", "c", "a b c"));
        Assert.Equal("[CLS] [SEP] [SEP]", Encode("", "", "a"));
    }

    [Fact]
    public void Types_change_after_the_first_separator_and_the_length_before_truncation_is_kept()
    {
        Encode("a b", "c", "a b c");
        var pair = new PairEncoder(TokenizerFile.Read(_folder.Path), 5, Truncation.LongestFirst)
            .Encode("a b", "c b a c");
        Assert.Equal([2, 5, 3, 7, 3], pair.Ids);
        Assert.Equal((3, 5, 9), (pair.TypeOneFrom, pair.Length, pair.Tokens));
    }

    [Theory]
    [InlineData(Truncation.LongestFirst, 9, "[CLS] a b a [SEP] c b a [SEP]")]
    [InlineData(Truncation.LongestFirst, 8, "[CLS] a b [SEP] c b a [SEP]")]
    [InlineData(Truncation.OnlySecond, 9, "[CLS] a b a b [SEP] c b [SEP]")]
    [InlineData(Truncation.OnlySecond, 8, "[CLS] a b a b [SEP] c [SEP]")]
    public void Long_pairs_are_cut_by_the_rule(Truncation rule, int maxLength, string tokens) =>
        Assert.Equal(tokens, Encode("a b a b", "c b a c b", "a b c", maxLength, rule));

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abcd", "abc ##d")]
    [InlineData("dabc", "[UNK]")] // no piece begins with d
    [InlineData("abx", "[UNK]")]
    [InlineData("ab abd", "ab ab ##d")]
    public void Words_are_cut_into_the_longest_pieces_and_unknown_ones_are_unknown_whole(string text, string tokens) =>
        Assert.Equal(tokens, Tokens(text, "ab abc ##c ##d"));

    [Fact]
    public void Words_beyond_a_hundred_characters_are_unknown()
    {
        Assert.Equal(string.Join(' ', Enumerable.Repeat("##a", 99).Prepend("a")),
            Tokens(new string('a', 100), "a ##a"));
        Assert.Equal("[UNK] a", Tokens(new string('a', 101) + " a", "a ##a"));
    }

    [Theory]
    [InlineData("Café", "cafe")]
    [InlineData("CAFE\u0301", "cafe")]
    [InlineData("ÅNGSTRÖM", "angstrom")]
    [InlineData("İSTANBUL", "istanbul")]
    [InlineData("ΣΟΦΟΣ", "σοφοσ")] // no final sigma: characters are lowered one by one
    [InlineData("ПРИВЕТ", "привет")]
    [InlineData("Ǆ", "ǆ")]
    public void Accents_are_dropped_and_letters_lowered(string text, string token) =>
        Assert.Equal(token, Tokens(text, "cafe angstrom istanbul σοφοσ σοφος привет ǆ"));

    [Fact]
    public void A_cased_tokenizer_keeps_case_and_accents()
    {
        const string words = "Café cafe café";
        Assert.Equal("Café [UNK] cafe", Tokens("Café CAFÉ cafe", words, t => t["normalizer"]!["lowercase"] = false));
        Assert.Equal("cafe", Tokens("Café", words));
        Assert.Equal("café", Tokens("Café", words, t => t["normalizer"]!["strip_accents"] = false));
    }

    [Fact]
    public void Chinese_characters_are_words_of_their_own()
    {
        Assert.Equal("重 排 模 型 a 㐀 𠀀", Tokens("重排模型a㐀𠀀", "重 排 模 型 a 㐀 𠀀"));
        Assert.Equal("ひら ##か", Tokens("ひらか", "ひら ##か か"));
        Assert.Equal("重 ##排", Tokens("重排", "重 排 ##排", t => t["normalizer"]!["handle_chinese_chars"] = false));
    }

    [Theory]
    [InlineData("a\nb\tc\r\na", "a b c a")]
    [InlineData("a\u00A0b\u3000c\u2028a", "a b c a")]
    [InlineData("a\u0000b\uFFFDc\u0007", "abc")]
    [InlineData("a\u200Bb\u00ADc\uFEFF", "abc")]
    [InlineData("a\u000Bb\u000Cc", "abc")] // control characters are dropped before white space is looked at
    [InlineData("a\u0085bc", "abc")]
    [InlineData("a\uE000bc", "abc")]
    [InlineData("a\u0378bc", "[UNK]")] // not assigned: stays
    [InlineData("  a  b  ", "a b")]
    public void White_space_parts_words_and_control_characters_vanish(string text, string tokens) =>
        Assert.Equal(tokens, Tokens(text, "a b c abc"));

    [Theory]
    [InlineData("a,b.", "a , b .")]
    [InlineData("a$b+c", "a $ b + c")] // ASCII symbols count as punctuation
    [InlineData("a。b！", "a 。 b ！")]
    [InlineData("a—b…", "a — b …")]
    [InlineData("a€b", "[UNK]")] // other symbols do not
    public void Punctuation_stands_alone(string text, string tokens) =>
        Assert.Equal(tokens, Tokens(text, "a b c , . $ + 。 ！ — … €"));

    [Fact]
    public void A_special_token_inside_a_text_is_that_token()
    {
        Assert.Equal("a [SEP] b", Tokens("a[SEP]b", "a b [ ] sep"));
        Assert.Equal("a [ sep ]", Tokens("a [sep]", "a b [ ] sep"));
        Assert.Equal("[PAD] a", Tokens("[PAD]A", "a"));
        // [MASK] is in the vocabulary and not among the added tokens of this fixture.
        Assert.Equal("[ mask ]", Tokens("[MASK]", "[ ] mask"));
    }

    [Fact]
    public void An_added_token_that_the_vocabulary_lacks_is_counted_on_from_it_whatever_the_file_says()
    {
        Encode("", "", "a b");
        var tokenizer = ModelFolder.Tokenizer();
        tokenizer["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id": 40, "content": "[QUERY]", "special": true}"""));
        _folder.Write("tokenizer.json", tokenizer.ToJsonString());
        var encoder = new PairEncoder(TokenizerFile.Read(_folder.Path), 512, Truncation.LongestFirst);
        Assert.Equal([2, ModelFolder.Words.Length, 5, 3, 6, 3], encoder.Encode("[QUERY]a", "b").Ids);
    }
}
