using System.Buffers;

namespace RerankLab.Core.Scoring.Onnx.Tokenization.PreTokenizers;

/// <summary>Whether a text gets a space in front that it does not have.</summary>
enum SpacePrefix
{
    Always,

    /// <summary>Only at the beginning of the whole text, not behind an added token.</summary>
    First,
    Never,
}

/// <summary>
/// Writes spaces as a visible character and splits before each (Hugging Face's Metaspace). Other white space stays as it is.
/// </summary>
sealed class Metaspace(char replacement, SpacePrefix prefix, bool split, ITokenizerStage next) : ITokenizerStage
{
    public void Append(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        if (text.IsEmpty) return;
        char[]? rented = text.Length < 256 ? null : ArrayPool<char>.Shared.Rent(text.Length + 1);
        var buffer = rented ?? stackalloc char[256];
        buffer[0] = replacement;
        text.Replace(buffer[1..], ' ', replacement);
        bool prefixed = buffer[1] != replacement && (prefix == SpacePrefix.Always || prefix == SpacePrefix.First && atStart);
        AppendWords(buffer[(prefixed ? 0 : 1)..(text.Length + 1)], atStart, ids);
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
    }

    void AppendWords(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            int following = split ? text[(start + 1)..].IndexOf(replacement) : -1;
            end = following < 0 ? text.Length : start + 1 + following;
            next.Append(text[start..end], atStart && start == 0, ids);
        }
    }
}
