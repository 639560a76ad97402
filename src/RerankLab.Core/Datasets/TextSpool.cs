using Microsoft.Win32.SafeHandles;
using RerankLab.Core.Diagnosis;

namespace RerankLab.Core.Datasets;

/// <summary>
/// Texts in a temporary file, in the folder that <c>TMPDIR</c> names. It has no name any more when it is written: nothing is left behind,
/// not even by a kill.
/// </summary>
sealed class TextSpool : IDisposable
{
    readonly string _folder = Path.GetTempPath();
    readonly SafeFileHandle _handle;
    readonly TextFile _file;
    readonly byte[] _pending = new byte[1 << 20];
    readonly Lock _writing = new();
    int _pendingBytes;
    long _written;

    /// <exception cref="UserError">No file can be made there.</exception>
    public TextSpool()
    {
        var path = Path.Combine(_folder, $"rlab-{Guid.NewGuid():N}.texts");
        try
        {
            _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read,
                OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(e);
        }
        _file = new TextFile(_handle, "the temporary file of texts");
    }

    /// <summary>Adds a text; where it stands in the file.</summary>
    /// <exception cref="UserError">There is no room for it.</exception>
    public long Add(ReadOnlySpan<byte> utf8)
    {
        if (_pending.Length - _pendingBytes < utf8.Length) Write();
        long offset = _written + _pendingBytes;
        if (utf8.Length > _pending.Length)
            Write(utf8);
        else
        {
            utf8.CopyTo(_pending.AsSpan(_pendingBytes));
            _pendingBytes += utf8.Length;
        }
        return offset;
    }

    /// <summary>Fills <paramref name="into"/>; several threads may, once all texts are added.</summary>
    /// <exception cref="UserError">The file cannot be read, or not be finished.</exception>
    public void Read(long offset, Span<byte> into)
    {
        lock (_writing)
            if (offset + into.Length > _written) Write();
        _file.Read(offset, into);
    }

    public void Dispose() => _file.Dispose();

    void Write()
    {
        Write(_pending.AsSpan(0, _pendingBytes));
        _pendingBytes = 0;
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, _written);
            _written += bytes.Length;
        }
        catch (IOException e)
        {
            throw CannotWrite(e);
        }
    }

    UserError CannotWrite(Exception e) => new(
        $"texts of compressed files, of standard input and with JSON escapes go to a temporary file, and writing it in {_folder} failed " +
        $"after {ByteSize.Shown(_written)}: {e.Message}",
        $"set {(OperatingSystem.IsWindows() ? "TEMP" : "TMPDIR")} to a folder with more room " +
        "(it takes what the texts take when not compressed); " +
        "or decompress the files: texts of plain files are read where they lie");
}
