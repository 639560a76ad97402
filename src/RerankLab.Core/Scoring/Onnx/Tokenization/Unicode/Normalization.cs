using System.Text;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

/// <summary>
/// Unicode's normalisation forms (UAX #15) with the data of Unicode 9.0, which is what unicode-normalization-alignments 0.1.12
/// has: characters of later versions stay as they are.
/// </summary>
static class Normalization
{
    // Hangul syllables are put together by arithmetic (The Unicode Standard, section 3.12).
    const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;

    /// <summary>Characters below it are in every canonical form already, alone and side by side.</summary>
    const char FirstThatCanChange = '\u00C0', FirstThatCanCompose = '\u0300';

    [Flags]
    enum Trait : byte
    {
        /// <summary>Decomposes canonically.</summary>
        Canonical = 1,

        /// <summary>Decomposes by compatibility, itself or a part of it.</summary>
        Compatibility = 2,

        /// <summary>Has a combining class other than 0.</summary>
        Combining = 4,

        /// <summary>NFC may change it, or what stands before it.</summary>
        NotComposed = 8,
    }

    static readonly Dictionary<int, byte> Classes = [];
    static readonly Dictionary<int, int[]> Canonical = [], Compatibility = [];
    static readonly Dictionary<(int, int), int> Compositions = [];
    static readonly CodePointTable Traits = Read();

    public static string Nfd(string text) => Changes(text, FirstThatCanChange, Trait.Canonical | Trait.Combining) ? Decomposed(text, Canonical) : text;

    public static string Nfkd(string text) =>
        Changes(text, '\u00A0', Trait.Canonical | Trait.Compatibility | Trait.Combining) ? Decomposed(text, Compatibility) : text;

    public static string Nfc(string text) => Changes(text, FirstThatCanCompose, Trait.NotComposed) ? Composed(text, Canonical) : text;

    public static string Nfkc(string text) =>
        Changes(text, '\u00A0', Trait.NotComposed | Trait.Compatibility) ? Composed(text, Compatibility) : text;

    static bool Changes(string text, char first, Trait traits)
    {
        for (int at = text.AsSpan().IndexOfAnyInRange(first, char.MaxValue), length = 0; at >= 0 && at < text.Length; at += length)
            if (((Trait)Traits[CharacterClasses.At(text, at, out length)] & traits) != 0) return true;
        return false;
    }

    static string Decomposed(string text, Dictionary<int, int[]> decompositions)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (int code in Decompose(text, decompositions)) Append(result, code);
        return result.ToString();
    }

    static string Composed(string text, Dictionary<int, int[]> decompositions)
    {
        var codes = Decompose(text, decompositions);
        var result = new StringBuilder(text.Length);
        // The last character of class 0, what stands behind it uncomposed, and the highest class among that.
        int? starter = null;
        var behind = new List<int>();
        int lastClass = -1;
        foreach (int code in codes)
        {
            int @class = ClassOf(code);
            if (starter is { } s && lastClass < @class && Compose(s, code) is { } composed) starter = composed;
            else if (@class == 0)
            {
                Flush();
                starter = code;
            }
            else if (starter is null) Append(result, code);
            else
            {
                behind.Add(code);
                lastClass = @class;
            }
        }
        Flush();
        return result.ToString();

        void Flush()
        {
            if (starter is { } s) Append(result, s);
            foreach (int code in behind) Append(result, code);
            behind.Clear();
            lastClass = -1;
        }
    }

    /// <summary>Full decomposition, in canonical order.</summary>
    static List<int> Decompose(string text, Dictionary<int, int[]> decompositions)
    {
        var codes = new List<int>(text.Length + 16);
        for (int at = 0, length; at < text.Length; at += length)
        {
            int code = CharacterClasses.At(text, at, out length);
            if (code < '\u0080') codes.Add(code);
            else if (code - SyllableBase is >= 0 and < Syllables and var syllable)
            {
                codes.Add(LeadBase + syllable / (Vowels * Trails));
                codes.Add(VowelBase + syllable % (Vowels * Trails) / Trails);
                if (syllable % Trails is > 0 and var trail) codes.Add(TrailBase + trail);
            }
            else if (decompositions.TryGetValue(code, out var parts) || Canonical.TryGetValue(code, out parts))
                codes.AddRange(parts);
            else codes.Add(code);
        }
        Order(codes);
        return codes;
    }

    /// <summary>Sorts combining characters that stand together by their class; equal ones keep their order.</summary>
    static void Order(List<int> codes)
    {
        for (int start = 0, end; start < codes.Count; start = end)
        {
            end = start + 1;
            if (ClassOf(codes[start]) == 0) continue;
            bool sorted = true;
            for (; end < codes.Count && ClassOf(codes[end]) is > 0 and var @class; end++) sorted &= @class >= ClassOf(codes[end - 1]);
            if (sorted) continue;
            foreach (var (at, code) in codes.GetRange(start, end - start).OrderBy(ClassOf).ToArray().Index()) codes[start + at] = code;
        }
    }

    static int ClassOf(int code) => code < FirstThatCanCompose || ((Trait)Traits[code] & Trait.Combining) == 0 ? 0 : Classes[code];

    static int? Compose(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads and var lead && second - VowelBase is >= 0 and < Vowels and var vowel)
            return SyllableBase + (lead * Vowels + vowel) * Trails;
        if (first - SyllableBase is >= 0 and < Syllables and var syllable && syllable % Trails == 0 && second - TrailBase is > 0 and < Trails and var trail)
            return first + trail;
        return Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    static void Append(StringBuilder text, int code)
    {
        if (code < 0x10000) text.Append((char)code);
        else text.Append(char.ConvertFromUtf32(code));
    }

    static CodePointTable Read()
    {
        var traits = new byte[UnicodeTables.CodePoints];
        void Mark(int code, Trait trait) => traits[code] |= (byte)trait;

        foreach (var range in UnicodeTables.Lines("class"))
            for (int code = range[0]; code <= range[1]; code++)
            {
                Classes.Add(code, (byte)range[2]);
                Mark(code, Trait.Combining | Trait.NotComposed);
            }

        Dictionary<int, int[]> canonical = [], compatibility = [];
        foreach (var line in UnicodeTables.Lines("canonical"))
        {
            bool composes = line[^1] >= 0;
            canonical.Add(line[0], composes ? line[1..] : line[1..^1]);
            Mark(line[0], Trait.Canonical);
            if (composes)
            {
                Compositions.Add((line[1], line[2]), line[0]);
                Mark(line[2], Trait.NotComposed);
            }
            else Mark(line[0], Trait.NotComposed);
        }
        foreach (var line in UnicodeTables.Lines("compatibility"))
        {
            compatibility.Add(line[0], line[1..]);
            Mark(line[0], Trait.Compatibility);
        }
        for (int code = SyllableBase; code < SyllableBase + Syllables; code++) Mark(code, Trait.Canonical);
        for (int code = VowelBase; code < VowelBase + Vowels; code++) Mark(code, Trait.NotComposed);
        for (int code = TrailBase + 1; code < TrailBase + Trails; code++) Mark(code, Trait.NotComposed);

        foreach (int code in canonical.Keys) Canonical.Add(code, [.. Full(code, canonical, [])]);
        foreach (int code in canonical.Keys.Concat(compatibility.Keys))
        {
            Compatibility.Add(code, [.. Full(code, canonical, compatibility)]);
            if (!Compatibility[code].AsSpan().SequenceEqual(Canonical.GetValueOrDefault(code))) Mark(code, Trait.Compatibility);
        }
        return new CodePointTable(traits);
    }

    static IEnumerable<int> Full(int code, Dictionary<int, int[]> canonical, Dictionary<int, int[]> compatibility) =>
        compatibility.TryGetValue(code, out var parts) || canonical.TryGetValue(code, out parts)
            ? parts.SelectMany(part => Full(part, canonical, compatibility)) : [code];
}
