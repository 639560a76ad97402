using System.Security.Cryptography;
using System.Text.Json;

namespace RerankLab.Core.Scoring;

/// <summary>
/// SHA-256 of files. Those of big files are remembered on this machine by path, size and modification time, so that a
/// run whose scores are all known does not read gigabytes.
/// </summary>
public sealed class FileHashes(string memoFile)
{
    const long BigFile = 1 << 20;

    sealed record Memo(long Size, long ModifiedTicks, string Sha256);

    readonly Dictionary<string, Memo> _memos = Load(memoFile);

    /// <summary>
    /// Where this user's rlab remembers things on this machine: <c>RLAB_CACHE</c>, else under <c>XDG_CACHE_HOME</c> or the
    /// user's own folder.
    /// </summary>
    public static string FolderOfThisMachine => Environment.GetEnvironmentVariable("RLAB_CACHE") is { Length: > 0 } own ? own
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "rlab");

    /// <summary>The memo of this user on this machine.</summary>
    public static FileHashes OfThisMachine() => new(Path.Combine(FolderOfThisMachine, "file-hashes.json"));

    /// <summary>64 lower-case hex digits.</summary>
    public string Of(string path)
    {
        // The hub's cache links to its files: a link's own size and time say nothing.
        var file = RealFile.Of(path);
        if (file.Length >= BigFile && _memos.TryGetValue(file.FullName, out var memo)
            && memo is { Sha256.Length: 64 } && memo.Size == file.Length && memo.ModifiedTicks == file.LastWriteTimeUtc.Ticks)
            return memo.Sha256;

        using var stream = file.OpenRead();
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        // A file that changed within the last seconds could change again without a new time: not remembered.
        if (file.Length >= BigFile && DateTime.UtcNow - file.LastWriteTimeUtc > TimeSpan.FromSeconds(5))
        {
            _memos[file.FullName] = new Memo(file.Length, file.LastWriteTimeUtc.Ticks, hash);
            Save();
        }
        return hash;
    }

    static Dictionary<string, Memo> Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Memo>>(File.ReadAllBytes(path)) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    void Save()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(memoFile)!);
            var temporary = $"{memoFile}.{Environment.ProcessId}";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(_memos));
            File.Move(temporary, memoFile, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The memo only saves time: a home that cannot be written costs a hash a run.
        }
    }
}
