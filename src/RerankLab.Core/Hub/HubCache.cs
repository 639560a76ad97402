namespace RerankLab.Core.Hub;

/// <summary>
/// One model in the cache that Python's huggingface_hub keeps too, so that either finds what the other brought:
/// <c>models--ORG--NAME/</c> with <c>refs/REV</c> (a commit), <c>blobs/HASH</c> and
/// <c>snapshots/COMMIT/PATH</c>, links to the blobs (files where symbolic links cannot be made).
/// </summary>
public sealed class HubCache
{
    static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    readonly HubModelId _model;
    readonly string _folder, _locks;

    /// <param name="model">The model.</param>
    /// <param name="cacheFolder">The cache of all models.</param>
    public HubCache(HubModelId model, string cacheFolder)
    {
        var name = "models--" + model.Repository.Replace("/", "--");
        (_model, _folder, _locks) = (model, Path.Combine(cacheFolder, name), Path.Combine(cacheFolder, ".locks", name));
    }

    /// <summary>A model in this user's cache.</summary>
    public static HubCache Of(HubModelId model) => new(model, HubSettings.CacheFolder);

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(_folder, "snapshots", commit);

    /// <summary>What the cache has of the model's revision; null where it has nothing.</summary>
    public HubRevision? Revision()
    {
        if (Commit() is not { } commit || !Directory.Exists(Snapshot(commit))) return null;
        return new HubRevision(commit, Directory.EnumerateFiles(Snapshot(commit), "*", SearchOption.AllDirectories)
            .Where(f => RealFile.Of(f).Exists).Select(f => Path.GetRelativePath(Snapshot(commit), f).Replace('\\', '/'))
            .ToDictionary(f => f, _ => (HubFile?)null));
    }

    /// <summary>A file of a snapshot, with links followed; null where it is not there.</summary>
    public FileInfo? Find(string commit, string path) => RealFile.Of(PathOf(commit, path)) is { Exists: true } file ? file : null;

    /// <summary>Records which commit the model's revision stands for.</summary>
    public void Remember(string commit)
    {
        if (_model.Revision == commit || Commit() == commit) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Ref)!);
        var temporary = $"{Ref}.{Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, Ref, overwrite: true);
    }

    /// <summary>A file's content, wherever it stands in snapshots.</summary>
    internal string Blob(HubFile file) => Path.Combine(_folder, "blobs", file.Hash);

    /// <summary>
    /// What has come of a file so far. huggingface_hub went on from the same file until it gave each process one of its own.
    /// </summary>
    internal string Part(HubFile file) => Blob(file) + ".incomplete";

    /// <summary>Puts a blob into a snapshot.</summary>
    internal void Link(string commit, HubFile file)
    {
        var (blob, path) = (Blob(file), PathOf(commit, file.Path));
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        if (!TrySymbolicLink() && !HardLink.TryCreate(blob, path)) File.Copy(blob, path);

        bool TrySymbolicLink()
        {
            if (HubSettings.DisablesSymbolicLinks) return false;
            try
            {
                File.CreateSymbolicLink(path, Path.GetRelativePath(folder.FullName, blob));
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Windows without developer mode, and some mounted disks.
                return false;
            }
        }
    }

    /// <summary>Waits until no other process downloads this file (Python's locks the same).</summary>
    internal async Task<IDisposable> Lock(HubFile file, Action onWait, CancellationToken stop)
    {
        Directory.CreateDirectory(_locks);
        Directory.CreateDirectory(Path.Combine(_folder, "blobs"));
        var path = Path.Combine(_locks, file.Hash + ".lock");
        for (bool waits = false; ; waits = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsSharingViolation(e))
            {
                if (!waits) onWait();
            }
            await Task.Delay(LockPoll, stop);
        }
    }

    /// <summary>EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.</summary>
    static bool IsSharingViolation(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    string Ref => Path.Combine(_folder, "refs", Path.Combine(_model.Revision.Split('/')));

    /// <summary>What the revision stood for when it was last looked up; null where it never was.</summary>
    string? Commit() => _model.IsCommit ? _model.Revision
        : File.Exists(Ref) && File.ReadAllText(Ref).Trim() is { Length: > 0 } commit ? commit
        : null;

    string PathOf(string commit, string path) => Path.Combine([Snapshot(commit), .. path.Split('/')]);
}
