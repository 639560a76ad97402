using System.Buffers;
using System.Text;
using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;

/// <summary>The switches of Hugging Face's BertNormalizer.</summary>
sealed record BertNormalizerOptions(bool CleanText, bool SpaceChineseCharacters, bool StripAccents, bool Lowercase);

/// <summary>
/// Text cleaning as in Hugging Face's BertNormalizer (tokenizers 0.22), which Microsoft.ML.Tokenizers' own BERT normaliser
/// is not: it deletes newlines and some symbols.
/// </summary>
sealed class BertNormalizer
{
    /// <summary>Stands for a character that is taken out; U+0000 itself always is where texts are cleaned.</summary>
    const char Dropped = '\uFFFF';

    readonly BertNormalizerOptions _options;
    readonly char[] _ascii = new char[128];

    public BertNormalizer(BertNormalizerOptions options)
    {
        _options = options;
        for (char c = '\0'; c < _ascii.Length; c++)
            _ascii[c] = options.CleanText && IsDropped(c) ? Dropped
                : options.CleanText && CharacterClasses.Is(c, CharacterClass.Space) ? ' '
                : options.Lowercase ? char.ToLowerInvariant(c) : c;
    }

    public string Normalize(string text)
    {
        // A Chinese character becomes three.
        var buffer = ArrayPool<char>.Shared.Rent(3 * text.Length + 1);
        try
        {
            var cleaned = new string(buffer, 0, Clean(text, buffer));
            if (Ascii.IsValid(cleaned)) return cleaned;
            if (_options.StripAccents) cleaned = Filtering.Without(Normalization.Nfd(cleaned), CharacterClass.NonSpacingMark);
            return _options.Lowercase ? LowerCase.Of(cleaned) : cleaned;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>Cleans, spaces Chinese characters, and lowers ASCII, which nothing after it looks at.</summary>
    int Clean(string text, Span<char> into)
    {
        int count = 0;
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = 1;
            if (text[at] < 128)
            {
                if (_ascii[text[at]] is not Dropped and var c) into[count++] = c;
                continue;
            }
            int code = CharacterClasses.At(text, at, out length);
            if (_options.SpaceChineseCharacters && IsChinese(code))
            {
                into[count++] = ' ';
                text.AsSpan(at, length).CopyTo(into[count..]);
                count += length;
                into[count++] = ' ';
            }
            else if (_options.CleanText && IsDropped(code)) { }
            else if (_options.CleanText && CharacterClasses.Is(code, CharacterClass.Space)) into[count++] = ' ';
            else
            {
                text.AsSpan(at, length).CopyTo(into[count..]);
                count += length;
            }
        }
        return count;
    }

    /// <summary>Control characters go first, U+000B, U+000C and U+0085 among them, which are white space as well.</summary>
    static bool IsDropped(int code) => code is 0 or 0xFFFD || code is not ('\t' or '\n' or '\r') && CharacterClasses.Is(code, CharacterClass.Other);

    static bool IsChinese(int codePoint) => codePoint is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
