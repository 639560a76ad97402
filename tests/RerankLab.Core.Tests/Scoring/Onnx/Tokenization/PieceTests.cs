using System.Globalization;
using RerankLab.Core.Scoring.Onnx.Tokenization.Models;
using RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;
using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Tests.Scoring.Onnx.Tokenization;

/// <summary>The models and what they stand on, against the plainest code that does the same.</summary>
public sealed class PieceTests
{
    static readonly Random Random = new(20261126);

    /// <summary>A random word of few letters, one of them beyond the first plane.</summary>
    static string Word(int longest) => string.Concat(Enumerable.Range(0, Random.Next(1, longest + 1))
        .Select(_ => Random.Next(5) is 4 ? "𠀀" : ((char)('a' + Random.Next(4))).ToString()));

    static Dictionary<string, int> Pieces(int count) =>
        Enumerable.Range(0, count).Select(_ => Word(5)).Distinct().Select((p, i) => KeyValuePair.Create(p, i)).ToDictionary();

    [Fact]
    public void The_longest_prefix_is_the_longest_piece_that_a_text_starts_with()
    {
        for (int round = 0; round < 300; round++)
        {
            var pieces = Pieces(1 + round % 60);
            var trie = new PieceTrie(pieces);
            for (int i = 0; i < 20; i++)
            {
                var text = Word(9);
                var longest = pieces.Keys.Where(p => text.StartsWith(p, StringComparison.Ordinal)).MaxBy(p => p.Length) ?? "";
                var (length, value) = trie.LongestPrefix(text);
                Assert.Equal(longest, text[..length]);
                if (length > 0) Assert.Equal(pieces[longest], value);
            }
        }
    }

    [Fact]
    public void A_node_with_many_children_finds_each_of_them()
    {
        var pieces = Enumerable.Range(0, 3000).ToDictionary(i => $"x{(char)(0x4E00 + 3 * i)}", i => i);
        var trie = new PieceTrie(pieces);
        Assert.All(pieces, p => Assert.Equal((2, p.Value), trie.LongestPrefix(p.Key)));
        Assert.All(pieces, p => Assert.Equal(0, trie.LongestPrefix($"x{(char)(p.Key[1] + 1)}").Length));
    }

    [Fact]
    public void Unigram_finds_the_best_of_all_ways_to_cut_a_word()
    {
        for (int round = 0; round < 400; round++)
        {
            var pieces = Pieces(25).ToDictionary(p => p.Key, p => p.Value + 1);
            double[] scores = [0, .. pieces.Select(_ => -Random.Next(1, 1 << 20) - Random.NextDouble())];
            var unigram = new Unigram(pieces, scores, 0);
            var word = Word(8);
            var cuts = Cuts(word, pieces, scores).ToList();
            double best = cuts.Max(c => c.Score);
            List<int> ids = [];
            unigram.Append(word, true, ids);
            // The same pieces in another order are as good.
            Assert.Contains(cuts, c => c.Score > best - 1e-6 && Fused(c.Ids).SequenceEqual(ids));
        }
    }

    /// <summary>Every way to cut a word into pieces, or into unknown characters where they are no piece.</summary>
    static IEnumerable<(double Score, int[] Ids)> Cuts(string word, Dictionary<string, int> pieces, double[] scores)
    {
        if (word.Length == 0) yield return (0, []);
        int character = word.Length > 0 && char.IsHighSurrogate(word[0]) ? 2 : 1;
        for (int length = 1; length <= word.Length; length++)
        {
            int id = pieces.GetValueOrDefault(word[..length], 0);
            if (id == 0 && length != character) continue;
            foreach (var rest in Cuts(word[length..], pieces, scores))
                yield return ((id == 0 ? scores.Min() - 10 : scores[id]) + rest.Score, [id, .. rest.Ids]);
        }
    }

    static IEnumerable<int> Fused(int[] ids) => ids.Where((id, i) => id != 0 || i == 0 || ids[i - 1] != 0);

    [Fact]
    public void A_word_that_was_met_before_has_the_same_ids_on_every_thread()
    {
        var pieces = Pieces(40).ToDictionary(p => p.Key, p => p.Value + 1);
        double[] scores = [0, .. pieces.Select(p => -1.0 - p.Value % 7)];
        var (unigram, memo) = (new Unigram(pieces, scores, 0), new WordMemo(new Unigram(pieces, scores, 0)));
        var words = Enumerable.Range(0, 2000).Select(_ => Word(6)).ToArray();
        Parallel.For(0, 20_000, i =>
        {
            var (expected, actual) = (new List<int> { 7 }, new List<int> { 7 });
            unigram.Append(words[i % words.Length], false, expected);
            memo.Append(words[i % words.Length], false, actual);
            Assert.Equal(expected, actual);
        });
    }

    [Theory]
    [InlineData("tr-TR")]
    [InlineData("az-Latn-AZ")]
    [InlineData("lt-LT")]
    public void The_machines_language_changes_no_letter(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Assert.Equal("istanbul i\u0307 ıi\u0300", LowerCase.Of("ISTANBUL \u0130 ıI\u0300"));
            Assert.Equal("istanbul i", new BertNormalizer(new(true, true, true, true)).Normalize("ISTANBUL \u0130"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_thousand_combining_characters_are_put_in_order_as_stable_sorting_puts_them()
    {
        // Classes 230 and 220 in turn.
        var text = "a" + string.Concat(Enumerable.Repeat("\u0300\u0316", 500));
        Assert.Equal("a" + new string('\u0316', 500) + new string('\u0300', 500), Normalization.Nfd(text));
        // The a takes the first of the upper ones: nothing of its class stands between.
        Assert.Equal("à" + new string('\u0316', 500) + new string('\u0300', 499), Normalization.Nfc(text));
    }

    [Fact]
    public void A_text_in_which_nothing_changes_stays_the_same_string()
    {
        const string text = "Grüße, 世界 — 한국어 ελλάδα";
        Assert.Same(text, Normalization.Nfc(text));
        Assert.Same(text, Normalization.Nfkc(text));
        Assert.NotSame(text, Normalization.Nfd(text));
        Assert.Equal(text, Normalization.Nfc(Normalization.Nfd(text)));
    }
}
