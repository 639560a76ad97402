using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Hub;

/// <summary>A model that was pulled.</summary>
/// <param name="Model">As the user named it.</param>
/// <param name="Precision">Whose graph it has.</param>
/// <param name="Commit">What the revision stands for.</param>
/// <param name="Folder">The snapshot in the cache.</param>
/// <param name="Files">What rlab needs of the model; the snapshot may have more.</param>
/// <param name="BytesDownloaded">Bytes that came over the network now.</param>
public sealed record PulledModel(
    HubModelId Model, string Precision, string Commit, string Folder, IReadOnlyList<PulledFile> Files, long BytesDownloaded);

/// <summary>A file of a pulled model.</summary>
/// <param name="Path">Relative to the folder, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Hash">As the hub gives it, see <see cref="HubFile"/>; null where no hub was asked.</param>
/// <param name="WasCached">False where it had to be downloaded.</param>
public sealed record PulledFile(string Path, long Size, string? Hash, bool WasCached);

/// <summary>Brings what a cross-encoder of one precision needs from the hub into the cache, and nothing else.</summary>
/// <param name="model">The model.</param>
/// <param name="precision">The graph's variant, e.g. <c>fp16</c>.</param>
/// <param name="observer">Is told how it goes.</param>
public sealed class ModelPull(HubModelId model, string precision, IPullObserver observer)
{
    static readonly string[] Tokenizers = ["tokenizer.json", "vocab.txt"];

    static readonly string[] Weights = [".onnx", ".safetensors", ".bin", ".pt", ".h5", ".msgpack", ".gguf"];

    readonly HubCache _cache = HubCache.Of(model);

    /// <summary>Downloads what is not in the cache; where <see cref="HubSettings.IsOffline"/>, everything must be there.</summary>
    /// <exception cref="UserError">The hub cannot give the model, or there is no such graph, or the cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Stopped: what came is kept.</exception>
    public async Task<PulledModel> Run(CancellationToken stop)
    {
        var settings = HubSettings.IsOffline ? null : HubSettings.FromEnvironment();
        try
        {
            return settings is null ? await RunOffline() : await RunOnline(settings, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError(e.Message, "HF_HOME or HF_HUB_CACHE names another folder for the cache; what has come is kept");
        }
    }

    async Task<PulledModel> RunOnline(HubSettings settings, CancellationToken stop)
    {
        var retries = new Retries(observer.Note);
        using var client = new HubClient(settings, retries);
        var revision = await client.Revision(model, stop);
        var download = new BlobDownload(client, model, _cache, retries, observer);
        var files = await Files(revision, $"{model} on the hub", async path =>
        {
            var file = revision.Files[path] ?? await client.Describe(model, revision.Commit, path, stop);
            bool wasCached = _cache.Find(revision.Commit, path)?.Length == file.Size;
            if (!wasCached) await download.Run(revision.Commit, file, stop);
            return new PulledFile(path, file.Size, file.Hash, wasCached);
        });
        // Last, so that a revision never leads to a model of which files are missing.
        _cache.Remember(revision.Commit);
        return new PulledModel(model, precision, revision.Commit, _cache.Snapshot(revision.Commit), files, download.Received);
    }

    async Task<PulledModel> RunOffline()
    {
        const string goOnline = "unset HF_HUB_OFFLINE to download it";
        var revision = _cache.Revision() ?? throw new UserError($"the hub's cache has no {model}, and HF_HUB_OFFLINE is set", goOnline);
        observer.Note("HF_HUB_OFFLINE is set: the hub is not asked");
        var files = await Files(revision, $"{model} in the hub's cache (HF_HUB_OFFLINE is set)",
            path => Task.FromResult(new PulledFile(path, _cache.Find(revision.Commit, path)!.Length, null, true)));
        return new PulledModel(model, precision, revision.Commit, _cache.Snapshot(revision.Commit), files, 0);
    }

    /// <summary>Brings what rlab needs of a revision's files.</summary>
    async Task<List<PulledFile>> Files(HubRevision revision, string where, Func<string, Task<PulledFile>> bring)
    {
        string graph = Graph(revision, where), tokenizer = Tokenizer(revision, where);
        string[] wanted = ["config.json", tokenizer, "tokenizer_config.json", "special_tokens_map.json", graph];
        var files = new List<PulledFile>();
        foreach (var path in wanted.Where(revision.Has)) files.Add(await bring(path));
        foreach (var path in DataFiles(revision, graph))
            files.Add(revision.Has(path) ? await bring(path)
                : throw new UserError($"{where} lacks {path}, which {graph} names: its weights are not there"));
        return files;
    }

    string Graph(HubRevision revision, string where)
    {
        var names = OnnxModelFolder.GraphNames(precision).ToList();
        if (names.FirstOrDefault(revision.Has) is { } graph) return graph;

        var looked = $"looked for {string.Join(", ", names)}";
        if (OnnxModelFolder.PrecisionsAmong(revision.Files.Keys) is { Count: > 0 } precisions)
            throw new UserError($"{where} has no graph for precision {precision} ({looked}); it has {string.Join(", ", precisions)}",
                $"choose one: --precision {precisions[0]}");
        var weights = string.Join(", ", revision.Files.Keys.Where(f => Weights.Contains(Path.GetExtension(f))).Take(8));
        throw new UserError(
            $"{where} has no ONNX graph ({looked}); it has {(weights.Length > 0 ? weights : "no weights that rlab knows")}",
            "export it with Python's optimum: optimum-cli export onnx " +
            $"--model {model.Repository} --task text-classification {model.Name}; then scorer.model is that folder, {model.Name}");
    }

    static string Tokenizer(HubRevision revision, string where) => Tokenizers.FirstOrDefault(revision.Has)
        ?? throw new UserError($"{where} has no tokenizer that rlab reads; expected {string.Join(" or ", Tokenizers)}",
            "in Python's transformers AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(DIR) writes tokenizer.json");

    /// <summary>The files that hold the graph's weights, relative to the repository.</summary>
    List<string> DataFiles(HubRevision revision, string graph)
    {
        try
        {
            return [.. OnnxGraphFile.Read(Path.Combine(_cache.Snapshot(revision.Commit), graph)).DataFiles.Select(f =>
                string.Join('/', graph.Split('/').SkipLast(1).Concat(f.Split('/', '\\').Where(n => n is not ("" or ".")))))];
        }
        catch (InvalidDataException e)
        {
            throw new UserError($"{model}: {e.Message}");
        }
    }
}
