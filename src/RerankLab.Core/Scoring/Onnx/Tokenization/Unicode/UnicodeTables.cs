using System.Globalization;
using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

/// <summary>
/// The sections of <c>unicode-tables.txt</c>, an embedded file that <c>make-tables.mjs</c> makes: characters are looked at by the
/// very versions of Unicode that Hugging Face's tokenizers 0.22 have, and not by those of the machine or of .NET.
/// </summary>
static class UnicodeTables
{
    public const int CodePoints = 0x110000;

    static readonly Dictionary<string, List<string>> Sections = ReadSections();

    /// <summary>The lines of a section, each as numbers; a mark that is no number at a line's end is -1.</summary>
    public static IEnumerable<int[]> Lines(string section) => Sections[section].Select(line =>
        Array.ConvertAll(line.Split(' '), field => field == "!" ? -1 : int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));

    static Dictionary<string, List<string>> ReadSections()
    {
        var sections = new Dictionary<string, List<string>>();
        List<string> current = [];
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream(typeof(UnicodeTables), "unicode-tables.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            if (line.StartsWith('[')) sections.Add(line[1..line.IndexOf(']')], current = []);
            else current.Add(line);
        }
        return sections;
    }
}

/// <summary>A value for every code point; equal stretches of 256 are stored once.</summary>
sealed class CodePointTable
{
    const int BlockBits = 8, BlockSize = 1 << BlockBits;

    readonly ushort[] _blocks = new ushort[UnicodeTables.CodePoints >> BlockBits];
    readonly byte[] _values;

    /// <param name="values">A value for each code point.</param>
    public CodePointTable(byte[] values)
    {
        var (known, kept) = (new Dictionary<string, ushort>(), new List<byte>());
        for (int block = 0; block < _blocks.Length; block++)
        {
            var stretch = values.AsSpan(block << BlockBits, BlockSize);
            var key = Encoding.Latin1.GetString(stretch);
            if (!known.TryGetValue(key, out ushort index))
            {
                known.Add(key, index = (ushort)known.Count);
                kept.AddRange(stretch);
            }
            _blocks[block] = index;
        }
        _values = [.. kept];
    }

    public byte this[int codePoint] => _values[_blocks[codePoint >> BlockBits] << BlockBits | codePoint & (BlockSize - 1)];
}
