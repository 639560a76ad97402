using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>
/// Splits as the regular expressions of GPT-2 (also NeoX, ModernBERT, RoBERTa) and of Qwen2 do. Written out, because .NET's
/// regular expressions look at halves of supplementary characters and at the machine's version of Unicode.
/// </summary>
sealed class GptSplit : ITokenizerStage
{
    /// <summary>As in Hugging Face's ByteLevel.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    readonly bool _qwen2;
    readonly ITokenizerStage _next;

    GptSplit(bool qwen2, ITokenizerStage next) => (_qwen2, _next) = (qwen2, next);

    /// <summary>The splitter of a pattern; null where rlab has none.</summary>
    public static GptSplit? Of(string pattern, ITokenizerStage next) => pattern switch
    {
        Gpt2Pattern => new GptSplit(false, next),
        Qwen2Pattern => new GptSplit(true, next),
        _ => null,
    };

    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        for (int start = 0, length; start < text.Length; start += length)
        {
            length = _qwen2 ? Qwen2Length(text[start..]) : Gpt2Length(text[start..]);
            _next.Append(text.Slice(start, length), atStart && start == 0, ids);
        }
    }

    /// <summary>The length of the piece at the beginning; each line is an alternative of the pattern.</summary>
    static int Gpt2Length(ReadOnlySpan<char> text)
    {
        if (Contraction(text, ignoreCase: false) is > 0 and var contraction) return contraction;
        int space = text[0] == ' ' ? 1 : 0;
        if (Run(text, space, CharacterClass.Letter) is > 0 and var letters) return letters;
        if (Run(text, space, CharacterClass.Number) is > 0 and var numbers) return numbers;
        if (RunOfOthers(text, space) is > 0 and var others) return others;
        return WhiteSpace(text);
    }

    static int Qwen2Length(ReadOnlySpan<char> text)
    {
        if (Contraction(text, ignoreCase: true) is > 0 and var contraction) return contraction;
        var first = ClassAt(text, 0, out int length);
        bool mayLead = text[0] is not ('\r' or '\n') && (first & (CharacterClass.Letter | CharacterClass.Number)) == 0;
        if (Run(text, mayLead ? length : 0, CharacterClass.Letter) is > 0 and var letters) return letters;
        if ((first & CharacterClass.Number) != 0) return length;
        if (RunOfOthers(text, text[0] == ' ' ? 1 : 0) is > 0 and var others)
        {
            while (others < text.Length && text[others] is '\r' or '\n') others++;
            return others;
        }
        int spaces = SpacesAt(text);
        return text[..spaces].LastIndexOfAny('\r', '\n') is >= 0 and var newline ? newline + 1 : WhiteSpace(text);
    }

    /// <summary>An apostrophe and one of s, t, re, ve, m, ll, d; 0 where there is none.</summary>
    static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        char first = Folded(text[1]);
        if (first is 's' or 't' or 'm' or 'd') return 2;
        return text.Length > 2 && (first, Folded(text[2])) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;

        // The long s folds to s.
        char Folded(char c) => !ignoreCase ? c : c == '\u017F' ? 's' : c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c;
    }

    /// <summary>Where a run of these classes, or of all but these, that begins at a place ends; 0 where none begins there.</summary>
    static int Run(ReadOnlySpan<char> text, int start, CharacterClass classes, bool within = true)
    {
        int at = start;
        while (at < text.Length && (ClassAt(text, at, out int length) & classes) != 0 == within) at += length;
        return at > start ? at : 0;
    }

    /// <summary>The same for what is neither white space nor letter nor number.</summary>
    static int RunOfOthers(ReadOnlySpan<char> text, int start) =>
        Run(text, start, CharacterClass.Space | CharacterClass.Letter | CharacterClass.Number, within: false);

    /// <summary>White space; its last character is left to what follows.</summary>
    static int WhiteSpace(ReadOnlySpan<char> text)
    {
        int spaces = SpacesAt(text);
        return spaces == text.Length || spaces == 1 ? spaces : spaces - 1;
    }

    static int SpacesAt(ReadOnlySpan<char> text)
    {
        int at = 0;
        while (at < text.Length && CharacterClasses.Is(text[at], CharacterClass.Space)) at++;
        return at;
    }

    static CharacterClass ClassAt(ReadOnlySpan<char> text, int index, out int length) => CharacterClasses.Of(CharacterClasses.At(text, index, out length));
}
