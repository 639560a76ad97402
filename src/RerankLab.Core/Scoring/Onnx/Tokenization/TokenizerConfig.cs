using System.Text.Json;
using RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> of a model folder says.</summary>
sealed class TokenizerConfig(string folder)
{
    readonly JsonElement _tokenizer = Read(Path.Combine(folder, "tokenizer_config.json"));

    /// <summary>Tokens a pair; tokenizers without a limit declare a huge number.</summary>
    public long? ModelMaxLength => TokenizerJson.Part(_tokenizer, "model_max_length") is { ValueKind: JsonValueKind.Number } length
        ? (long)Math.Min(length.GetDouble(), long.MaxValue / 2) : null;

    public string? PaddingToken => Token("pad_token");

    public bool? TruncatesLeft => TokenizerJson.Text(_tokenizer, "truncation_side") is { } side ? side == "left" : null;

    /// <summary>Unknown, class, separator and padding token of a BERT tokenizer.</summary>
    public string[] BertTokens => [Token("unk_token") ?? "[UNK]", Token("cls_token") ?? "[CLS]", Token("sep_token") ?? "[SEP]", Token("pad_token") ?? "[PAD]"];

    public BertNormalizerOptions BertNormalizer
    {
        get
        {
            bool lowercase = TokenizerJson.Flag(_tokenizer, "do_lower_case") ?? true;
            return new BertNormalizerOptions(
                CleanText: true,
                SpaceChineseCharacters: TokenizerJson.Flag(_tokenizer, "tokenize_chinese_chars") ?? true,
                StripAccents: TokenizerJson.Flag(_tokenizer, "strip_accents") ?? lowercase,
                Lowercase: lowercase);
        }
    }

    /// <summary>A token is a string, or an object with its content.</summary>
    string? Token(string name) => TokenizerJson.Part(_tokenizer, name) is { ValueKind: JsonValueKind.Object } token
        ? TokenizerJson.Text(token, "content") : TokenizerJson.Text(_tokenizer, name);

    static JsonElement Read(string path)
    {
        if (!File.Exists(path)) return JsonDocument.Parse("{}").RootElement;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
