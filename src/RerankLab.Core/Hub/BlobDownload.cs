using System.Net;

namespace RerankLab.Core.Hub;

/// <summary>Is told how a pull goes.</summary>
public interface IPullObserver
{
    /// <summary>A sentence for the user.</summary>
    void Note(string sentence);

    /// <summary>How many bytes of a file are here, of how many.</summary>
    void Report(HubFile file, long bytes);
}

/// <summary>Brings a file of the hub into a snapshot: goes on from what came before, and verifies the whole.</summary>
sealed class BlobDownload(HubClient client, HubModelId model, HubCache cache, Retries retries, IPullObserver observer)
{
    const int BufferSize = 1 << 17;

    /// <summary>Bytes that came over the network so far.</summary>
    public long Received { get; private set; }

    /// <exception cref="UserError">The hub refuses, the network fails for too long, or what came is not the file.</exception>
    public async Task Run(string commit, HubFile file, CancellationToken stop)
    {
        using var _ = await cache.Lock(file, () => observer.Note($"another process is downloading {file.Path}: waiting for it"), stop);
        var blob = new FileInfo(cache.Blob(file));
        // Else another revision or another process brought it.
        if (!blob.Exists || blob.Length != file.Size) await Download(commit, file, blob.FullName, stop);
        cache.Link(commit, file);
    }

    async Task Download(string commit, HubFile file, string blob, CancellationToken stop)
    {
        var part = cache.Part(file);
        await retries.Run(file.Path, () => Receive(commit, file, part, stop), stop,
            progress: () => File.Exists(part) ? new FileInfo(part).Length : 0);

        var hash = await BlobHash.Of(part, file.Hash, stop);
        if (hash != file.Hash) throw Refuse(file, part, $"what came has the {BlobHash.Kind(hash)} {hash}, expected {file.Hash}");
        File.Move(part, blob, overwrite: true);
    }

    /// <summary>Appends to the part what one connection brings.</summary>
    /// <returns>The part's length.</returns>
    async Task<long> Receive(string commit, HubFile file, string partPath, CancellationToken stop)
    {
        await using var part = new FileStream(partPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete,
            bufferSize: 0, FileOptions.Asynchronous);
        if (part.Length > file.Size) part.SetLength(0);
        observer.Report(file, part.Length);
        if (part.Length == file.Size) return part.Length;

        using var response = await client.Open(model, commit, file.Path, part.Length, stop);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || IsOtherRange())
        {
            part.SetLength(0);
            throw new NetworkInterruption("the hub does not go on from where the download was; starting again");
        }
        // The whole file in answer to a range is a server that knows no ranges.
        if (response.StatusCode != HttpStatusCode.PartialContent) part.SetLength(0);
        part.Position = part.Length;

        await using var answer = await response.Content.ReadAsStreamAsync(stop);
        var buffer = new byte[BufferSize];
        for (int read; (read = await client.Read(answer, buffer, stop)) > 0; Received += read)
        {
            if (part.Length + read > file.Size) throw Refuse(file, partPath, $"more came than the {file.Size} bytes that the hub said");
            await part.WriteAsync(buffer.AsMemory(0, read), stop);
            observer.Report(file, part.Length);
        }
        if (part.Length < file.Size) throw new NetworkInterruption($"the connection ended after {part.Length} of {file.Size} bytes");
        part.Flush(flushToDisk: true);
        return part.Length;

        bool IsOtherRange() =>
            response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From != part.Length;
    }

    static UserError Refuse(HubFile file, string part, string reason)
    {
        File.Delete(part);
        return new UserError($"{file.Path}: {reason}; it was deleted",
            "run the same command again; if that does not help, a proxy or the mirror (HF_ENDPOINT) gives other files than the hub lists");
    }
}
