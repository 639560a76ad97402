using System.Buffers;
using System.Text;

namespace RerankLab.Core.Datasets;

/// <summary>A line of a file.</summary>
/// <param name="Utf8">Its bytes without the line end, good until more of the file is read.</param>
/// <param name="Number">Counted from 1.</param>
/// <param name="Position">Where it begins in the file, in bytes after decompression.</param>
readonly record struct Utf8Line(ReadOnlyMemory<byte> Utf8, long Number, long Position)
{
    /// <summary>A stretch of this line.</summary>
    public LineText Text(ReadOnlySpan<byte> stretch)
    {
        Utf8.Span.Overlaps(stretch, out int at);
        return new LineText(Utf8.Slice(at, stretch.Length), Position + at);
    }
}

/// <summary>A text of a line.</summary>
/// <param name="Utf8">Its bytes, good until more of the file is read.</param>
/// <param name="Position">Where it stands in the file byte for byte; null where it does not: it was escaped, or put together.</param>
readonly record struct LineText(ReadOnlyMemory<byte> Utf8, long? Position)
{
    /// <summary>A text that was made of what stands in the line.</summary>
    public static LineText Made(ReadOnlyMemory<byte> utf8) => new(utf8, Position: null);

    /// <summary>Without the white space around it, as <see cref="string.Trim()"/> knows it.</summary>
    public LineText Trimmed()
    {
        var (start, end) = (0, Utf8.Length);
        while (start < end && Rune.DecodeFromUtf8(Utf8.Span[start..end], out var first, out int length) == OperationStatus.Done
            && Rune.IsWhiteSpace(first)) start += length;
        while (start < end && Rune.DecodeLastFromUtf8(Utf8.Span[start..end], out var last, out int length) == OperationStatus.Done
            && Rune.IsWhiteSpace(last)) end -= length;
        return new LineText(Utf8[start..end], Position + start);
    }

    public override string ToString() => Fields.Text(Utf8.Span);
}
