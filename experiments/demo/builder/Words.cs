using System.Globalization;
using System.Text;

namespace RerankLab.Demo;

/// <summary>Splits text into words as BERT's uncased normalizer and pre-tokenizer do; stems English words.</summary>
public static class Words
{
    const string Vowels = "aeiouy";

    /// <summary>Endings, each with the number of letters that must be left before it.</summary>
    static readonly (string Ending, int Least)[] Endings =
        [("ingly", 3), ("edly", 3), ("ing", 3), ("ed", 3), ("ly", 3), ("er", 4), ("or", 4), ("ion", 5)];

    /// <summary>True for the two main blocks of Chinese characters.</summary>
    public static bool IsCjk(char c) => c is (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF');

    /// <summary>True where a text holds a Chinese character.</summary>
    public static bool HasCjk(string text) => text.Any(IsCjk);

    /// <summary>
    /// Lower-cased words without accents; a Chinese character is a word by itself, punctuation is left out.
    /// </summary>
    public static IEnumerable<string> Split(string text)
    {
        var word = new StringBuilder();
        foreach (var c in text.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            var category = char.GetUnicodeCategory(c);
            if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.Control or UnicodeCategory.Format
                && !char.IsWhiteSpace(c))
                continue;
            if (!IsCjk(c) && !char.IsWhiteSpace(c) && !IsPunctuation(c))
            {
                word.Append(c);
                continue;
            }
            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
            if (IsCjk(c))
                yield return c.ToString();
        }
        if (word.Length > 0)
            yield return word.ToString();
    }

    /// <summary>BERT's punctuation: Unicode's, and every ASCII character that is no letter, digit or space.</summary>
    public static bool IsPunctuation(char c) =>
        char.IsPunctuation(c) || (c is > ' ' and < '\u007F' && !char.IsAsciiLetterOrDigit(c));

    /// <summary>
    /// A light stem of a lower-case English word: its ending comes off where enough letters with a vowel are left.
    /// Two words with one stem count as nearly the same word.
    /// </summary>
    public static string Stem(string word)
    {
        if (word.Length < 4 || !word.All(char.IsAsciiLetterLower))
            return word;
        var stem = Plural(word);
        foreach (var (ending, least) in Endings)
        {
            var rest = stem.EndsWith(ending, StringComparison.Ordinal) ? stem[..^ending.Length] : "";
            if (rest.Length < least || !rest.Any(Vowels.Contains) || (ending == "ed" && rest[^1] == 'e'))
                continue;
            stem = Undouble(rest);
            break;
        }
        if (stem.Length > 3 && stem[^1] == 'e')
            stem = stem[..^1];
        return stem.Length > 3 && stem[^1] == 'y' ? stem[..^1] + "i" : stem;
    }

    static string Plural(string word)
    {
        if (word.EndsWith("ies", StringComparison.Ordinal))
            return word.Length > 4 ? word[..^3] + "y" : word[..^1];
        foreach (var ending in (ReadOnlySpan<string>)["sses", "shes", "ches", "xes", "zes", "oes"])
        {
            if (word.Length > 4 && word.EndsWith(ending, StringComparison.Ordinal))
                return word[..^2];
        }
        return word[^1] == 's' && !"sui".Contains(word[^2]) ? word[..^1] : word;
    }

    static string Undouble(string word) =>
        word.Length > 3 && word[^1] == word[^2] && !"lsz".Contains(word[^1]) && !Vowels.Contains(word[^1])
            ? word[..^1]
            : word;
}
