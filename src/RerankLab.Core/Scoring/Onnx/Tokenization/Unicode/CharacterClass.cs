namespace RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

/// <summary>What a character is, as the parts of Hugging Face's tokenizers see it.</summary>
[Flags]
enum CharacterClass : byte
{
    None = 0,

    /// <summary>Control, format and private use characters; code points that are not assigned are not among them.</summary>
    Other = 1,

    /// <summary>Mn: what "strip accents" of BERT takes away.</summary>
    NonSpacingMark = 2,

    /// <summary>P*, without ASCII's symbols.</summary>
    Punctuation = 4,

    /// <summary>L* of regular expressions.</summary>
    Letter = 8,

    /// <summary>N* of regular expressions.</summary>
    Number = 16,

    /// <summary><c>\w</c> around added tokens.</summary>
    Word = 32,

    /// <summary>M*: what "StripAccents" takes away.</summary>
    Mark = 64,

    /// <summary>White_Space.</summary>
    Space = 128,
}

/// <summary>Looks characters up.</summary>
static class CharacterClasses
{
    static readonly CodePointTable Table = Read();

    public static CharacterClass Of(int codePoint) => (CharacterClass)Table[codePoint];

    public static bool Is(int codePoint, CharacterClass any) => (Of(codePoint) & any) != 0;

    /// <summary>The character at a place of well-formed UTF-16, and how many chars it takes.</summary>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        if (!char.IsHighSurrogate(first) || index + 1 == text.Length)
        {
            length = 1;
            return first;
        }
        length = 2;
        return char.ConvertToUtf32(first, text[index + 1]);
    }

    static CodePointTable Read()
    {
        var classes = new byte[UnicodeTables.CodePoints];
        foreach (var (section, flag) in new[]
                 {
                     ("other", CharacterClass.Other), ("nonspacing", CharacterClass.NonSpacingMark), ("punctuation", CharacterClass.Punctuation),
                     ("letter", CharacterClass.Letter), ("number", CharacterClass.Number), ("word", CharacterClass.Word), ("mark", CharacterClass.Mark),
                     ("space", CharacterClass.Space),
                 })
            foreach (var range in UnicodeTables.Lines(section))
                foreach (ref byte value in classes.AsSpan(range[0], range[1] - range[0] + 1)) value |= (byte)flag;
        return new CodePointTable(classes);
    }
}
