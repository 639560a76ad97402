using RerankLab.Core;

namespace RerankLab.Store;

/// <summary>
/// A lab file that is written whole or not at all: one that is there already is opened as always, a new one is made under another name and
/// gets its own when it is kept.
/// </summary>
sealed class WholeLab : IDisposable
{
    readonly string _path;
    readonly string? _temporary;
    LabFile? _lab;

    WholeLab(string path, string? temporary, LabFile lab) => (_path, _temporary, _lab) = (path, temporary, lab);

    public LabFile Lab => _lab ?? throw new InvalidOperationException("the lab file is closed");

    /// <exception cref="UserError">The file cannot be written, or it is no lab file that this version can read.</exception>
    public static WholeLab Open(string path, Action<string> note)
    {
        var temporary = Path.Exists(path) ? null : $"{path}.{Environment.ProcessId}.tmp";
        if (File.Exists(temporary)) Remove(temporary);
        var whole = new WholeLab(path, temporary, LabFile.OpenForWriting(temporary ?? path, note, shown: path));
        try
        {
            if (temporary is null) whole.Lab.BeginWriting();
            else whole.Lab.BeginWritingWithoutJournal();
            return whole;
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file, which is whole now.</summary>
    /// <exception cref="UserError">Another process made a file of this name meanwhile.</exception>
    public void Keep()
    {
        Close();
        if (_temporary is null) return;
        using (var file = File.OpenHandle(_temporary, FileMode.Open, FileAccess.ReadWrite)) RandomAccess.FlushToDisk(file);
        if (Path.Exists(_path)) throw new UserError($"{_path}: another program made this file meanwhile", "nothing was changed; run again");
        File.Move(_temporary, _path);
    }

    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (UserError) when (_temporary is not null)
        {
            // The file goes anyway: what failed before is what the user should hear of.
        }
        finally
        {
            if (_temporary is not null) Remove(_temporary);
        }
    }

    void Close()
    {
        var lab = _lab;
        _lab = null;
        lab?.Dispose();
    }

    static void Remove(string path)
    {
        foreach (var ending in (string[])["", "-wal", "-shm", "-journal"]) File.Delete(path + ending);
    }
}
