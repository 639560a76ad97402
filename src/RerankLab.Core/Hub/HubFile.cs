namespace RerankLab.Core.Hub;

/// <summary>A file of a model on the hub.</summary>
/// <param name="Path">Relative to the repository, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">The hub's ETag: SHA-256 of a file in LFS (64 hex digits), Git's blob id of any other (40).</param>
public sealed record HubFile(string Path, long Size, string Hash);

/// <summary>A revision of a model on the hub, or what of it is in the cache.</summary>
/// <param name="Commit">The commit that the revision stands for.</param>
/// <param name="Files">Its files by path; null where size and hash were not said.</param>
public sealed record HubRevision(string Commit, IReadOnlyDictionary<string, HubFile?> Files)
{
    public bool Has(string path) => Files.ContainsKey(path);
}
