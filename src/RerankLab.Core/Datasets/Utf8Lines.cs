using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Unicode;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads a text file line by line as UTF-8 bytes. Plain, gzip or zstd (told by the first bytes, not by the name);
/// a BOM and CRLF are accepted; invalid UTF-8 is a problem at its line, and that line is passed over.
/// </summary>
public sealed class Utf8Lines : IDisposable
{
    static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];
    static readonly byte[] Gzip = [0x1F, 0x8B];
    static readonly byte[] Zstd = [0x28, 0xB5, 0x2F, 0xFD];

    readonly Stream _stream;
    readonly string _shownName;
    readonly Problems _problems;
    byte[] _buffer = new byte[1 << 16];
    int _start, _end;
    bool _endOfStream;

    Utf8Lines(Stream stream, string shownName, Problems problems) =>
        (_stream, _shownName, _problems) = (stream, shownName, problems);

    /// <summary>The 1-based number of the line last read.</summary>
    public long Number { get; private set; }

    /// <summary>Opens <paramref name="file"/>; a file that cannot be opened is added to the problems and gives null.</summary>
    public static Utf8Lines? Open(DataFile file, Problems problems)
    {
        try
        {
            var lines = new Utf8Lines(Decompressed(file.OpenRead()), file.Shown, problems);
            if (lines.Fill() && lines.Unread.StartsWith(Bom)) lines._start = Bom.Length;
            return lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            file.ReportUnreadable(e, problems);
            return null;
        }
    }

    /// <summary>Reads the next line without its line end; false at the end of the file.</summary>
    /// <param name="line">The line's bytes, valid UTF-8, good until the next call.</param>
    public bool Read(out ReadOnlySpan<byte> line)
    {
        while (ReadRaw(out line))
        {
            if (Utf8.IsValid(line)) return true;
            _problems.Add(_shownName, Number, "invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)");
        }
        return false;
    }

    public void Dispose() => _stream.Dispose();

    ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    bool ReadRaw(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int newline = Unread[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = Unread[..(searched + newline)];
                _start += line.Length + 1;
                break;
            }
            searched = _end - _start;
            if (Fill()) continue;
            line = Unread;
            _start = _end;
            if (line.IsEmpty) return false;
            break;
        }
        if (line.EndsWith("\r"u8)) line = line[..^1];
        Number++;
        return true;
    }

    /// <summary>Reads more bytes behind the unread ones; false at the end of the stream.</summary>
    bool Fill()
    {
        if (_endOfStream) return false;
        if (_start > 0)
        {
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        try
        {
            int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _endOfStream = read == 0;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ZstdSharp.ZstdException)
        {
            _problems.Add(_shownName, Number + 1, $"the file is cut off or damaged here: {e.Message}");
            _endOfStream = true;
        }
        return !_endOfStream;
    }

    static Stream Decompressed(Stream raw)
    {
        Span<byte> head = stackalloc byte[4];
        head = head[..raw.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        var stream = raw.CanSeek ? Rewound(raw) : WithPrefix(head, raw);
        if (head.StartsWith(Gzip)) return new GZipStream(stream, CompressionMode.Decompress);
        if (head.StartsWith(Zstd)) return new ZstdSharp.DecompressionStream(stream, leaveOpen: false);
        return stream;
    }

    static Stream Rewound(Stream stream)
    {
        stream.Position = 0;
        return stream;
    }

    /// <summary>Standard input cannot go back: a pipe puts the bytes that were looked at in front again.</summary>
    static Stream WithPrefix(ReadOnlySpan<byte> prefix, Stream rest)
    {
        var pipe = new Pipe();
        pipe.Writer.Write(prefix);
        _ = Task.Run(async () =>
        {
            try
            {
                await rest.CopyToAsync(pipe.Writer);
                await pipe.Writer.CompleteAsync();
            }
            catch (IOException e)
            {
                await pipe.Writer.CompleteAsync(e);
            }
        });
        return pipe.Reader.AsStream();
    }
}
