using System.Text;
using System.Text.Json;

namespace RerankLab.Demo;

/// <summary>A token of the demo model: its text, how much it counts, and the id that its stem shares.</summary>
/// <param name="Text">The token as tokenizer.json has it.</param>
/// <param name="Weight">A multiple of 1/8 up to 8; 0 for special tokens and punctuation, which match nothing.</param>
/// <param name="Stem">The lowest id among the tokens with the same stem.</param>
public sealed record Token(string Text, float Weight, int Stem);

/// <summary>
/// The WordPiece vocabulary of the demo model, made from the passages alone: special tokens, ASCII characters, common
/// word pieces, the words of the corpus, and the block of common Chinese characters.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>The special tokens in the order of their ids.</summary>
    public static readonly IReadOnlyList<string> Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    const float FunctionWeight = 0.25f;
    const float CharacterWeight = 0.25f;
    const float PieceWeight = 0.5f;
    const int LongestWord = 24;

    const string Suffixes =
        "able al an ance ary ate ation ed en ence er ers es est ful ial ian ible ic ical ies ily ing ings ion ions ise "
        + "ised ish ism ist ists ity ive ize ized less ly ment ments ness ning or ory ous ping ship sion ted ting tion "
        + "tions ty ure";

    const string FunctionWords =
        "a about after all also an and any are as at be because been before between but by can could did do does doing "
        + "done during each for from get gets had has have how i if in into is it its made make makes many may might "
        + "more most much must my no not of off on one only or other out over should so some such than that the their "
        + "them then there these they this those through to too under up use used using very was way ways we were what "
        + "when where which while who whose why will with would you your";

    const string FunctionCharacters = "的了是在和与及或也都就而且但被把从到对于为以之其此这那个们什么怎样如何哪谁几吗呢吧着过很";

    const string ChinesePunctuation = "、。〈〉《》「」『』【】〔〕“”‘’…—·！（），：；？～";

    readonly List<Token> tokens = [];
    readonly Dictionary<string, int> stems = new(StringComparer.Ordinal);
    readonly HashSet<string> seen = new(StringComparer.Ordinal);

    /// <summary>Builds the vocabulary of a corpus.</summary>
    public Vocabulary(IReadOnlyList<Passage> passages)
    {
        var counts = new PassageCounts(passages);
        foreach (var special in Specials)
            Add(special, 0);
        for (var c = '!'; c <= '~'; c++)
        {
            if (char.IsAsciiLetterUpper(c))
                continue;
            var weight = char.IsAsciiLetterOrDigit(c) ? CharacterWeight : 0;
            Add(c.ToString(), weight);
            Add("##" + c, weight);
        }
        foreach (var mark in ChinesePunctuation)
            Add(mark.ToString(), 0);
        foreach (var suffix in Suffixes.Split(' '))
            Add("##" + suffix, PieceWeight);
        foreach (var word in FunctionWords.Split(' '))
            Add(word, FunctionWeight);
        foreach (var word in counts.SpacedWords.Where(word => word.Length <= LongestWord))
            Add(word, counts.Idf(word));
        for (var c = '\u4E00'; c <= '\u9FFF'; c++)
            Add(c.ToString(), FunctionCharacters.Contains(c) ? FunctionWeight : counts.Idf(c.ToString()));
    }

    /// <summary>The tokens; the place in the list is the id.</summary>
    public IReadOnlyList<Token> Tokens => tokens;

    /// <summary>The tokenizer.json of Hugging Face's tokenizers library.</summary>
    public string ToTokenizerJson() => Json(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < Specials.Count; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", Specials[id]);
            foreach (var option in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
                json.WriteBoolean(option, false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WritePropertyName("normalizer");
        json.WriteRawValue("""
            {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,
            "strip_accents":null,"lowercase":true}
            """.ReplaceLineEndings("\n"));
        json.WritePropertyName("pre_tokenizer");
        json.WriteRawValue("""{"type":"BertPreTokenizer"}""");
        json.WritePropertyName("post_processor");
        json.WriteRawValue("""
            {"type":"TemplateProcessing",
            "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
            {"SpecialToken":{"id":"[SEP]","type_id":0}}],
            "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
            {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
            {"SpecialToken":{"id":"[SEP]","type_id":1}}],
            "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
            "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}
            """.ReplaceLineEndings("\n"));
        json.WritePropertyName("decoder");
        json.WriteRawValue("""{"type":"WordPiece","prefix":"##","cleanup":true}""");
        json.WriteStartObject("model");
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", "[UNK]");
        json.WriteString("continuing_subword_prefix", "##");
        json.WriteNumber("max_input_chars_per_word", 100);
        json.WriteStartObject("vocab");
        for (var id = 0; id < tokens.Count; id++)
            json.WriteNumber(tokens[id].Text, id);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A JSON object of one property a line.</summary>
    internal static string Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = true,
            IndentSize = 0,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(bytes, options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }

    void Add(string text, float weight)
    {
        if (!seen.Add(text))
            return;
        var id = tokens.Count;
        var stem = weight > 0 && !text.StartsWith("##", StringComparison.Ordinal) ? Words.Stem(text) : text;
        if (!stems.TryGetValue(stem, out var first))
            stems[stem] = first = id;
        tokens.Add(new Token(text, weight, first));
    }
}
