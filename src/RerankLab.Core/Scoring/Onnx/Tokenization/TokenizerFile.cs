using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RerankLab.Core.Scoring.Onnx.Tokenization.Models;
using RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;
using RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>
/// The tokenizer of a model folder, checked but without its vocabulary, which takes time: <c>tokenizer.json</c>, else
/// <c>vocab.txt</c>, with <c>tokenizer_config.json</c>.
/// </summary>
public sealed class TokenizerFile
{
    readonly string _path;
    readonly Func<TextTokenizer> _load;
    readonly string? _options;

    TokenizerFile(string path, Func<TextTokenizer> load, string? options = null) => (_path, _load, _options) = (path, load, options);

    /// <summary>What the tokenizer is called in the field, e.g. WordPiece.</summary>
    public required string Family { get; init; }

    /// <summary>Ids that the vocabulary and the added tokens reach.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>How special tokens stand around a pair.</summary>
    public required PairTemplate Template { get; init; }

    /// <summary>The id of the padding token; 0 where the tokenizer has none.</summary>
    public required int PaddingId { get; init; }

    /// <summary>Whether the beginning of a text is cut off rather than its end.</summary>
    public required bool TruncatesLeft { get; init; }

    /// <summary>Tokens a pair as tokenizer_config.json declares it; null where it does not.</summary>
    public required long? ModelMaxLength { get; init; }

    /// <summary>Reads the vocabulary and makes the tokenizer.</summary>
    /// <exception cref="UserError">The vocabulary is damaged.</exception>
    internal TextTokenizer Load()
    {
        try
        {
            return _load();
        }
        catch (Exception e) when (IsDamage(e) || e is InvalidDataException)
        {
            throw new UserError($"{_path}: {e.Message}");
        }
    }

    /// <summary>What of the tokenizer can change a score.</summary>
    public JsonNode Identity(FileHashes hashes)
    {
        var identity = new JsonObject { [Path.GetFileName(_path)] = hashes.Of(_path) };
        if (_options is not null) identity["options"] = _options;
        if (TruncatesLeft) identity["truncation_side"] = "left";
        return identity;
    }

    /// <exception cref="InvalidDataException">There is no tokenizer, or one of a kind that rlab does not know, or a damaged one.</exception>
    public static TokenizerFile Read(string folder)
    {
        try
        {
            return Find(folder);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InvalidDataException($"the tokenizer's JSON has another shape than expected: {e.Message}");
        }
    }

    /// <summary>What System.Text.Json throws at JSON of another shape than expected, and models at vocabularies that do not fit together.</summary>
    static bool IsDamage(Exception e) => e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
        or IndexOutOfRangeException or ArgumentException;

    static TokenizerFile Find(string folder)
    {
        string json = Path.Combine(folder, "tokenizer.json"), vocabulary = Path.Combine(folder, "vocab.txt");
        var config = new TokenizerConfig(folder);
        return File.Exists(json) ? FromJson(json, config)
            : File.Exists(vocabulary) ? FromVocabulary(vocabulary, config)
            : throw new InvalidDataException("the folder has no tokenizer; expected tokenizer.json or vocab.txt" +
                (OtherVocabularies.FirstOrDefault(f => File.Exists(Path.Combine(folder, f))) is { } other
                    ? $" (it has {other}: save the tokenizer with use_fast=True in Python's transformers, which writes tokenizer.json)" : ""));
    }

    static readonly string[] OtherVocabularies = ["sentencepiece.bpe.model", "spiece.model", "tokenizer.model", "vocab.json", "merges.txt"];

    static TokenizerFile FromJson(string path, TokenizerConfig config)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        TokenizerJson.Check(root);
        return new TokenizerFile(path, () =>
        {
            using var again = JsonDocument.Parse(File.ReadAllBytes(path));
            return TokenizerJson.Load(again.RootElement);
        })
        {
            Family = TokenizerJson.Family(root),
            VocabularySize = TokenizerJson.VocabularySize(root),
            Template = PairTemplate.Read(TokenizerJson.Part(root, "post_processor")),
            PaddingId = TokenizerJson.PaddingId(root, config.PaddingToken),
            TruncatesLeft = config.TruncatesLeft ?? TokenizerJson.TruncatesLeft(root),
            ModelMaxLength = config.ModelMaxLength,
        };
    }

    static TokenizerFile FromVocabulary(string path, TokenizerConfig config)
    {
        // Of equal tokens the last counts, as where Python's transformers reads the file.
        var vocabulary = new Dictionary<string, int>();
        foreach (var (id, line) in File.ReadAllText(path, Encoding.UTF8).TrimEnd('\n').Split('\n').Index()) vocabulary[line.TrimEnd('\r')] = id;
        var special = config.BertTokens;
        foreach (var token in special)
            if (!vocabulary.ContainsKey(token)) throw new InvalidDataException($"the tokenizer's vocabulary lacks {token}");
        var added = special.Append("[MASK]").Where(vocabulary.ContainsKey).Select(t => new AddedToken(t, vocabulary[t], false, false, false, false)).ToList();
        return new TokenizerFile(path, () => new TextTokenizer(added, new BertNormalizer(config.BertNormalizer).Normalize,
            PreTokenizerReader.Bert(new WordPiece(vocabulary, vocabulary[special[0]], "##", 100))), $"{config.BertNormalizer} {string.Join(' ', special)}")
        {
            Family = "WordPiece",
            VocabularySize = vocabulary.Count,
            Template = PairTemplate.Bert(vocabulary[special[1]], vocabulary[special[2]]),
            PaddingId = vocabulary[special[3]],
            TruncatesLeft = config.TruncatesLeft ?? false,
            ModelMaxLength = config.ModelMaxLength,
        };
    }
}
