using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

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

    /// <summary>Lines that are read together when they are parsed on all cores.</summary>
    const int BlockSize = 4 << 20;

    readonly Stream _stream;
    readonly Problems _problems;
    byte[] _buffer = new byte[1 << 16];
    int _start, _end;
    long _bufferPosition;
    bool _endOfStream, _isHandedOver;
    string? _damage;

    Utf8Lines(Stream stream, string shownName, Problems problems) =>
        (_stream, ShownName, _problems) = (stream, shownName, problems);

    /// <summary>The file's name in messages.</summary>
    public string ShownName { get; }

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
            ReportInvalid(Number);
        }
        return false;
    }

    /// <summary>The line last read.</summary>
    internal Utf8Line Line { get; private set; }

    /// <summary>Parses all lines, on all cores, and takes what comes of them in the order of the file.</summary>
    internal void ParseAll<T>(Func<Utf8Line, T> parse, Action<T> take) where T : class
    {
        var block = new List<Utf8Line>();
        while (ReadBlock(block))
        {
            var parsed = new T?[block.Count];
            Parallel.For(0, parsed.Length, i => parsed[i] = Utf8.IsValid(block[i].Utf8.Span) ? parse(block[i]) : null);
            for (int i = 0; i < parsed.Length; i++)
                if (parsed[i] is { } good) take(good);
                else ReportInvalid(block[i].Number);
        }
    }

    /// <summary>
    /// The open file, which is then the caller's to close, where the bytes of lines are those of the file; null for a compressed one and
    /// for standard input.
    /// </summary>
    internal SafeFileHandle? HandOver()
    {
        if (_stream is not FileStream { CanSeek: true } file) return null;
        _isHandedOver = true;
        return file.SafeFileHandle;
    }

    public void Dispose()
    {
        if (!_isHandedOver) _stream.Dispose();
    }

    ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads the lines of the next block, as they are; false at the end of the file.</summary>
    bool ReadBlock(List<Utf8Line> lines)
    {
        lines.Clear();
        if (_buffer.Length < BlockSize) Array.Resize(ref _buffer, BlockSize);
        while (_end - _start < _buffer.Length && Fill()) { }
        // What is not whole yet makes room for itself by moving the rest: it begins the next block, if it is not a block by itself.
        while ((lines.Count == 0 || Unread.Contains((byte)'\n')) && ReadRaw(out _)) lines.Add(Line);
        return lines.Count > 0;
    }

    bool ReadRaw(out ReadOnlySpan<byte> line)
    {
        int searched = 0, length;
        while (true)
        {
            int newline = Unread[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                length = searched + newline;
                break;
            }
            searched = length = _end - _start;
            if (Fill()) continue;
            ReportDamage();
            if (length > 0) break;
            line = [];
            return false;
        }
        line = Unread[..length];
        if (line.EndsWith("\r"u8)) line = line[..^1];
        Line = new Utf8Line(_buffer.AsMemory(_start, line.Length), ++Number, _bufferPosition + _start);
        _start = Math.Min(_start + length + 1, _end);
        return true;
    }

    void ReportInvalid(long number) =>
        _problems.Add(ShownName, number, "invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)");

    /// <summary>Damage is told when the lines before it have been read.</summary>
    void ReportDamage()
    {
        if (_damage is not null) _problems.Add(ShownName, Number + 1, $"the file is cut off or damaged here: {_damage}");
        _damage = null;
    }

    /// <summary>Reads more bytes behind the unread ones; false at the end of the stream.</summary>
    bool Fill()
    {
        if (_endOfStream) return false;
        if (_start > 0)
        {
            Unread.CopyTo(_buffer);
            _bufferPosition += _start;
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
            _damage = e.Message;
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
