using RerankLab.Core;

namespace RerankLab.Store;

/// <summary>
/// A lab file that is read without changing anything, whatever its state: one of an older schema, or one that its last writer did not
/// close, is read from a temporary copy that goes away with this.
/// </summary>
sealed class UntouchedLab : IDisposable
{
    readonly string? _temporaryFolder;

    UntouchedLab(LabFile lab, string? temporaryFolder) => (Lab, _temporaryFolder) = (lab, temporaryFolder);

    public LabFile Lab { get; }

    /// <param name="path">The file.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <exception cref="UserError">There is no such file, or it is no lab file that this version can read.</exception>
    public static UntouchedLab Open(string path, Action<string> note)
    {
        if (!File.Exists(path)) throw new UserError($"there is no lab file {path}");
        if (!WasLeftOpen(path) && LabFile.OpenIfCurrent(path, note) is { } lab) return new UntouchedLab(lab, null);
        var folder = Directory.CreateTempSubdirectory("rlab-").FullName;
        try
        {
            var copy = Path.Combine(folder, "lab.db");
            foreach (var ending in (string[])["", "-wal", "-journal"])
                if (File.Exists(path + ending)) File.Copy(path + ending, copy + ending);
            foreach (var file in Directory.EnumerateFiles(folder)) File.SetAttributes(file, FileAttributes.Normal);
            // What this writer would tell is of the copy.
            LabFile.OpenForWriting(copy, _ => { }, shown: path).Dispose();
            return new UntouchedLab(LabFile.OpenIfCurrent(copy, note, shown: path)!, folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public void Dispose()
    {
        Lab.Dispose();
        if (_temporaryFolder is not null) Directory.Delete(_temporaryFolder, recursive: true);
    }

    /// <summary>
    /// Whether a writer left the file without closing it, and nobody has it open now (then there is a <c>-shm</c>, and SQLite reads it
    /// where it is): reading it would fold in, or roll back, what the writer left.
    /// </summary>
    static bool WasLeftOpen(string path)
    {
        if (File.Exists(path + "-shm")) return false;
        if (new FileInfo(path + "-journal") is { Exists: true, Length: > 0 }) return true;
        // Byte 19 of the header is 2 in WAL (sqlite.org/fileformat.html).
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var header = new byte[20];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header[19] == 2;
    }
}
