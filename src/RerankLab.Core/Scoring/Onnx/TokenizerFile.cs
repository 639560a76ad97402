using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>A WordPiece tokenizer as its files describe it. Other families are refused by name, never guessed at.</summary>
public sealed class TokenizerFile
{
    readonly string[] _files;

    TokenizerFile(string[] files) => _files = files;

    /// <summary>Ids by token.</summary>
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    public required BertNormalizerOptions Normalizer { get; init; }

    /// <summary>Tokens that are taken from a text as they stand, before it is normalised.</summary>
    public required IReadOnlyList<string> AddedTokens { get; init; }

    public required string UnknownToken { get; init; }
    public required string ContinuingPrefix { get; init; }

    /// <summary>Longer words become the unknown token.</summary>
    public required int MaxCharactersPerWord { get; init; }

    /// <summary>Tokens a pair as tokenizer_config.json declares it; null where it does not.</summary>
    public long? ModelMaxLength { get; private init; }

    public int Id(string token) =>
        Vocabulary.TryGetValue(token, out int id) ? id : throw new InvalidDataException($"the tokenizer's vocabulary lacks {token}");

    /// <summary>Reads <c>tokenizer.json</c>, else <c>vocab.txt</c> with <c>tokenizer_config.json</c>.</summary>
    /// <exception cref="InvalidDataException">There is no tokenizer, or it is of a kind that rlab does not know.</exception>
    public static TokenizerFile Read(string folder)
    {
        string json = Path.Combine(folder, "tokenizer.json"), vocabulary = Path.Combine(folder, "vocab.txt"),
            configFile = Path.Combine(folder, "tokenizer_config.json");
        var config = File.Exists(configFile) ? JsonNode.Parse(File.ReadAllText(configFile)) : null;
        var maxLength = config?["model_max_length"] is { } length && length.GetValueKind() == JsonValueKind.Number
            ? (long)Math.Min(length.GetValue<double>(), long.MaxValue / 2) : (long?)null;
        var file = File.Exists(json) ? FromJson(json, maxLength)
            : File.Exists(vocabulary) ? FromVocabulary(vocabulary, config, maxLength)
            : throw new InvalidDataException("the folder has no tokenizer; expected tokenizer.json or vocab.txt");
        foreach (var needed in new[] { "[CLS]", "[SEP]", "[PAD]", file.UnknownToken }) file.Id(needed);
        return file;
    }

    /// <summary>What of the tokenizer can change a score.</summary>
    public JsonNode Identity(FileHashes hashes)
    {
        var identity = new JsonObject(_files.Select(f => KeyValuePair.Create(Path.GetFileName(f), (JsonNode?)hashes.Of(f))));
        if (!identity.ContainsKey("tokenizer.json")) identity["options"] = Normalizer.ToString();
        return identity;
    }

    static TokenizerFile FromJson(string path, long? maxLength)
    {
        var root = JsonNode.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException("tokenizer.json holds nothing");
        var model = root["model"] ?? throw new InvalidDataException("tokenizer.json has no \"model\"");
        // Older files, bert-base-chinese's among them, leave the type out: WordPiece is told by its own setting.
        if (model["type"] is not null || model["max_input_chars_per_word"] is null) Expect(model, "model", "WordPiece");
        Expect(root["normalizer"], "normalizer", "BertNormalizer");
        Expect(root["pre_tokenizer"], "pre_tokenizer", "BertPreTokenizer");
        ExpectBertTemplate(root["post_processor"]);

        var normalizer = root["normalizer"]!;
        bool lowercase = (bool?)normalizer["lowercase"] ?? true;
        var added = root["added_tokens"]?.AsArray()
            .Select(t => KeyValuePair.Create((string)t!["content"]!, (int)t["id"]!)).ToList() ?? [];
        return new TokenizerFile([path])
        {
            Vocabulary = (model["vocab"] ?? throw new InvalidDataException("tokenizer.json: the model has no \"vocab\"")).AsObject()
                .Select(t => KeyValuePair.Create(t.Key,
                    (t.Value ?? throw new InvalidDataException($"tokenizer.json: '{t.Key}' has no id")).GetValue<int>()))
                .UnionBy(added, t => t.Key).ToDictionary(),
            Normalizer = new BertNormalizerOptions(
                CleanText: (bool?)normalizer["clean_text"] ?? true,
                SpaceChineseCharacters: (bool?)normalizer["handle_chinese_chars"] ?? true,
                StripAccents: (bool?)normalizer["strip_accents"] ?? lowercase,
                Lowercase: lowercase),
            AddedTokens = [.. added.Select(t => t.Key)],
            UnknownToken = (string?)model["unk_token"] ?? "[UNK]",
            ContinuingPrefix = (string?)model["continuing_subword_prefix"] ?? "##",
            MaxCharactersPerWord = (int?)model["max_input_chars_per_word"] ?? 100,
            ModelMaxLength = maxLength,
        };
    }

    static TokenizerFile FromVocabulary(string path, JsonNode? config, long? maxLength)
    {
        var vocabulary = File.ReadAllText(path, Encoding.UTF8).TrimEnd('\n').Split('\n')
            .Select((line, id) => KeyValuePair.Create(line.TrimEnd('\r'), id)).DistinctBy(t => t.Key).ToDictionary();
        bool lowercase = (bool?)config?["do_lower_case"] ?? true;
        return new TokenizerFile([path])
        {
            Vocabulary = vocabulary,
            Normalizer = new BertNormalizerOptions(
                CleanText: true,
                SpaceChineseCharacters: (bool?)config?["tokenize_chinese_chars"] ?? true,
                StripAccents: (bool?)config?["strip_accents"] ?? lowercase,
                Lowercase: lowercase),
            AddedTokens = [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Where(vocabulary.ContainsKey)],
            UnknownToken = "[UNK]",
            ContinuingPrefix = "##",
            MaxCharactersPerWord = 100,
            ModelMaxLength = maxLength,
        };
    }

    static void Expect(JsonNode? part, string key, string type)
    {
        if ((string?)part?["type"] is var found && found != type)
            throw new InvalidDataException($"tokenizer.json: the {key} is {found ?? "missing"}; rlab knows {type} so far");
    }

    /// <summary>Accepts the pair template <c>[CLS] $A [SEP] $B:1 [SEP]:1</c>, in either way of writing it.</summary>
    static void ExpectBertTemplate(JsonNode? processor)
    {
        var type = (string?)processor?["type"];
        if (type == "BertProcessing") return;
        if (type == "TemplateProcessing")
        {
            var pair = string.Join(' ', processor!["pair"]!.AsArray().Select(part =>
                part!["SpecialToken"] is { } special ? $"{special["id"]}:{special["type_id"]}" : $"${part["Sequence"]!["id"]}:{part["Sequence"]!["type_id"]}"));
            if (pair == "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1") return;
            type = $"TemplateProcessing of {pair}";
        }
        throw new InvalidDataException($"tokenizer.json: the post_processor is {type ?? "missing"}; rlab knows the BERT pair template so far");
    }
}
