using System.Globalization;
using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>Splits lines of text formats into fields and reads the values in them, independent of culture.</summary>
static class Fields
{
    /// <summary>Splits at runs of spaces and tabs (TREC). Fills at most <paramref name="into"/>; returns how many there are.</summary>
    public static int SplitAtWhitespace(ReadOnlySpan<byte> line, Span<Range> into)
    {
        int count = 0, at = 0;
        while (true)
        {
            while (at < line.Length && line[at] is (byte)' ' or (byte)'\t') at++;
            if (at == line.Length) return count;
            int start = at;
            while (at < line.Length && line[at] is not ((byte)' ' or (byte)'\t')) at++;
            if (count < into.Length) into[count] = start..at;
            count++;
        }
    }

    /// <summary>Splits at tabs; the last field that fits takes the rest of the line. Returns how many were filled.</summary>
    public static int SplitAtTabs(ReadOnlySpan<byte> line, Span<Range> into)
    {
        int count = 0, start = 0;
        while (count < into.Length - 1 && line[start..].IndexOf((byte)'\t') is >= 0 and var length)
        {
            into[count++] = start..(start + length);
            start += length + 1;
        }
        into[count++] = start..line.Length;
        return count;
    }

    public static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field);

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t"u8).IsEmpty;

    /// <summary>Whether a line of TREC's formats is a comment.</summary>
    public static bool IsComment(ReadOnlySpan<byte> line) => line is [(byte)'#', ..];

    public static bool TryInteger(ReadOnlySpan<byte> field, out int value) =>
        int.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>A finite number; infinities and NaN are refused.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> field, out double value) =>
        double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
