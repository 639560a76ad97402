using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

/// <summary>
/// Lower case, character by character, as Rust's <c>char::to_lowercase</c> gives it: no final sigma, no language; only U+0130 grows.
/// </summary>
static class LowerCase
{
    const char DottedI = '\u0130';

    /// <summary>What is added to a char of the first plane; all of its mappings stay there.</summary>
    static readonly short[] Deltas = new short[0x10000];

    static readonly Dictionary<int, int> Supplementary = Read();

    /// <summary>The same string where nothing changes.</summary>
    public static string Of(string text)
    {
        int first = 0;
        while (first < text.Length && Deltas[text[first]] == 0 && !char.IsHighSurrogate(text[first])) first++;
        if (first == text.Length) return text;

        var lower = new StringBuilder(text.Length + 4).Append(text, 0, first);
        for (int at = first, length; at < text.Length; at += length)
        {
            int code = CharacterClasses.At(text, at, out length);
            if (length == 2) lower.Append(char.ConvertFromUtf32(Supplementary.GetValueOrDefault(code, code)));
            else if (code == DottedI) lower.Append("i\u0307");
            else lower.Append((char)(code + Deltas[code]));
        }
        return lower.ToString();
    }

    static Dictionary<int, int> Read()
    {
        var supplementary = new Dictionary<int, int>();
        foreach (var mapping in UnicodeTables.Lines("lowercase"))
            if (mapping[0] < Deltas.Length) Deltas[mapping[0]] = (short)(mapping[1] - mapping[0]);
            else supplementary.Add(mapping[0], mapping[1]);
        return supplementary;
    }
}
