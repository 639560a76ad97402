using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>A pair as token ids.</summary>
/// <param name="Ids">Ids, special tokens included, truncated, not padded.</param>
/// <param name="PassageStart">From here on the token type is 1, before it 0.</param>
/// <param name="Tokens">The length before truncation.</param>
public sealed record EncodedPair(int[] Ids, int PassageStart, int Tokens) : PreparedPair(Tokens, Ids.Length);

/// <summary>Turns two texts into the ids that a cross-encoder was trained on.</summary>
public interface IPairEncoder
{
    /// <summary>The id that fills a batch up.</summary>
    int PaddingId { get; }

    /// <summary>May be called from several threads.</summary>
    EncodedPair Encode(string query, string passage);
}

/// <summary><c>[CLS] query [SEP] passage [SEP]</c> in WordPiece.</summary>
sealed class BertPairEncoder : IPairEncoder
{
    const int SpecialTokens = 3;

    readonly WordPieceTokenizer _words;
    readonly Regex? _addedTokens;
    readonly TokenizerFile _file;
    readonly int _classId, _separatorId, _maxLength;
    readonly Truncation _truncation;

    public BertPairEncoder(TokenizerFile file, int maxLength, Truncation truncation)
    {
        (_file, _maxLength, _truncation) = (file, maxLength, truncation);
        (_classId, _separatorId, PaddingId) = (file.Id("[CLS]"), file.Id("[SEP]"), file.Id("[PAD]"));
        if (file.AddedTokens.Count > 0)
            _addedTokens = new Regex(string.Join('|', file.AddedTokens.OrderByDescending(t => t.Length).Select(Regex.Escape)),
                RegexOptions.CultureInvariant);
        _words = WordPieceTokenizer.Create(VocabularyLines(file), new WordPieceOptions
        {
            PreTokenizer = new BertPreTokenizer(),
            Normalizer = new BertNormalizer(file.Normalizer),
            UnknownToken = file.UnknownToken,
            ContinuingSubwordPrefix = file.ContinuingPrefix,
            MaxInputCharsPerWord = file.MaxCharactersPerWord,
        });
    }

    public int PaddingId { get; }

    public EncodedPair Encode(string query, string passage)
    {
        var (queryIds, passageIds) = (Encode(query), Encode(passage));
        var (queryLength, passageLength) = _truncation.Cut(queryIds.Count, passageIds.Count, _maxLength - SpecialTokens);
        int[] ids = [_classId, .. queryIds.Take(queryLength), _separatorId, .. passageIds.Take(passageLength), _separatorId];
        return new EncodedPair(ids, queryLength + 2, queryIds.Count + passageIds.Count + SpecialTokens);
    }

    List<int> Encode(string text)
    {
        var ids = new List<int>();
        int start = 0;
        if (_addedTokens is not null)
            foreach (Match token in _addedTokens.Matches(text))
            {
                AddWords(ids, text.AsSpan(start, token.Index - start));
                ids.Add(_file.Id(token.Value));
                start = token.Index + token.Length;
            }
        AddWords(ids, text.AsSpan(start));
        return ids;
    }

    void AddWords(List<int> ids, ReadOnlySpan<char> text)
    {
        if (!text.IsEmpty) ids.AddRange(_words.EncodeToIds(text));
    }

    /// <summary>The vocabulary as the library reads it: a token a line, in the order of their ids.</summary>
    static MemoryStream VocabularyLines(TokenizerFile file)
    {
        var lines = new string[file.Vocabulary.Values.Max() + 1];
        foreach (var (token, id) in file.Vocabulary) lines[id] = token;
        for (int id = 0; id < lines.Length; id++) lines[id] ??= $"[rlab gap {id}]";
        return new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }
}
