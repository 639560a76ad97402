using System.Text;
using RerankLab.Core.Scoring.Onnx.Tokenization.Unicode;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.Normalizers;

/// <summary>Takes characters out of texts.</summary>
static class Filtering
{
    /// <summary>The same string where there are none.</summary>
    public static string Without(string text, CharacterClass unwanted)
    {
        // No class that is filtered has members in ASCII.
        int first = text.AsSpan().IndexOfAnyExceptInRange('\0', '\u007F');
        if (first < 0) return text;
        StringBuilder? kept = null;
        for (int at = first, length; at < text.Length; at += length)
        {
            if (CharacterClasses.Is(CharacterClasses.At(text, at, out length), unwanted)) kept ??= new StringBuilder(text, 0, at, text.Length);
            else kept?.Append(text, at, length);
        }
        return kept?.ToString() ?? text;
    }

    /// <summary>Every run of two spaces or more becomes the replacement.</summary>
    public static string SpacesReplaced(string text, string replacement)
    {
        if (!text.Contains("  ", StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (int at = 0, end; at < text.Length; at = end)
        {
            end = at + 1;
            while (text[at] == ' ' && end < text.Length && text[end] == ' ') end++;
            if (end - at > 1) result.Append(replacement);
            else result.Append(text[at]);
        }
        return result.ToString();
    }
}
