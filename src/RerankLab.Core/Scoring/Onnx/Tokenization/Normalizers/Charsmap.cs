using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's precompiled rewriting rules ("Precompiled"): a double array over UTF-8 bytes, whose values are places in a
/// pool of replacements. Applied as Hugging Face's spm_precompiled 0.1 does: a grapheme cluster of at most five bytes is replaced
/// whole by the rule of its shortest prefix that has one; else each of its characters is looked up alone.
/// </summary>
sealed class Charsmap
{
    const int LongestCluster = 5;

    readonly uint[] _units;
    readonly byte[] _pool;

    /// <summary>The replacement of each char of the first plane that has one.</summary>
    readonly string?[] _replacements = new string?[0x10000];

    /// <summary>ASCII that stays as it is.</summary>
    readonly SearchValues<char> _unchanged;

    Charsmap(uint[] units, byte[] pool)
    {
        (_units, _pool) = (units, pool);
        Span<byte> utf8 = stackalloc byte[4];
        for (int code = 0; code < _replacements.Length; code++)
            if (!char.IsSurrogate((char)code)) _replacements[code] = Replacement(utf8[..new Rune(code).EncodeToUtf8(utf8)]);
        _unchanged = SearchValues.Create([.. Enumerable.Range(0, 128).Select(c => (char)c).Where(c => _replacements[c] is null)]);
    }

    /// <param name="base64">The "precompiled_charsmap" of a tokenizer.json.</param>
    /// <exception cref="InvalidDataException">It is cut off or damaged.</exception>
    public static Charsmap Parse(string base64)
    {
        try
        {
            ReadOnlySpan<byte> bytes = Convert.FromBase64String(base64);
            int size = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            var units = MemoryMarshal.Cast<byte, uint>(bytes.Slice(sizeof(int), size)).ToArray();
            if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(units, units);
            return new Charsmap(units, bytes[(sizeof(int) + size)..].ToArray());
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"tokenizer.json: the precompiled_charsmap is damaged: {e.Message}");
        }
    }

    public string Normalize(string text)
    {
        int first = text.AsSpan().IndexOfAnyExcept(_unchanged);
        if (first < 0) return text;
        // What stands there may belong to the character before it.
        if (first > 0) first--;

        var result = new StringBuilder(text, 0, first, text.Length + 16);
        for (int at = first, length; at < text.Length; at += length)
        {
            length = ClusterLength(text, at);
            var cluster = text.AsSpan(at, length);
            if (length > 1 && ReplacementOfCluster(cluster) is { } replacement) result.Append(replacement);
            else AppendCharacters(result, cluster);
        }
        return result.ToString();
    }

    void AppendCharacters(StringBuilder result, ReadOnlySpan<char> cluster)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (int at = 0, length; at < cluster.Length; at += length)
        {
            length = 1;
            if (!char.IsSurrogate(cluster[at]))
            {
                if (_replacements[cluster[at]] is { } replacement) result.Append(replacement);
                else result.Append(cluster[at]);
                continue;
            }
            Rune.DecodeFromUtf16(cluster[at..], out var rune, out length);
            if (Replacement(utf8[..rune.EncodeToUtf8(utf8)]) is { } other) result.Append(other);
            else result.Append(cluster.Slice(at, length));
        }
    }

    string? ReplacementOfCluster(ReadOnlySpan<char> cluster)
    {
        if (cluster.Length > LongestCluster) return null;
        Span<byte> utf8 = stackalloc byte[3 * LongestCluster];
        int length = Encoding.UTF8.GetBytes(cluster, utf8);
        return length <= LongestCluster ? Replacement(utf8[..length]) : null;
    }

    /// <summary>The replacement of the shortest prefix that has one; null where none has.</summary>
    string? Replacement(ReadOnlySpan<byte> text)
    {
        // The layout of a unit is darts-clone's: bit 8 says that a value follows, bits 10 and up where the children are.
        uint position = Offset(_units[0]);
        foreach (byte b in text)
        {
            if (b == 0) return null;
            position ^= b;
            uint unit = _units[position];
            if ((unit & (1u << 31 | 0xFF)) != b) return null;
            position ^= Offset(unit);
            if ((unit >> 8 & 1) != 1) continue;
            var replacement = _pool.AsSpan((int)(_units[position] & ~(1u << 31)));
            int end = replacement.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? replacement : replacement[..end]);
        }
        return null;

        static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);
    }

    static int ClusterLength(string text, int at) =>
        at + 1 == text.Length || StandsAlone(text[at]) && StandsAlone(text[at + 1]) && (text[at], text[at + 1]) is not ('\r', '\n')
            ? 1
            : StringInfo.GetNextTextElementLength(text, at);

    /// <summary>Scripts without combining characters, whose characters are clusters of their own beside each other.</summary>
    static bool StandsAlone(char c) => c is
        < '\u0300' or (>= '\u0370' and <= '\u0482') or (>= '\u3001' and <= '\u3029') or (>= '\u3041' and <= '\u3096')
        or (>= '\u30A1' and <= '\u30FA') or (>= '\u3400' and <= '\u9FFF') or (>= '\uFF01' and <= '\uFF60');
}
