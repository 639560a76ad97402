using System.Text;
using RerankLab.Demo;

namespace RerankLab.Cli.Tests.Hub;

/// <summary>
/// rlab on a machine with an empty hub cache, and a local hub that has the demo's model, with files beside it that rlab
/// does not need.
/// </summary>
sealed class HubUser : IDisposable
{
    public const string Graph = "onnx/model.onnx";

    static readonly string[] Decoys =
    [
        "README.md", "model.safetensors", "onnx/model_fp16.onnx", "onnx/model_quantized.onnx", "onnx/model.onnx_data",
        "pytorch_model.bin",
    ];

    static readonly string[] Variables =
    [
        "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE",
        "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_SYMLINKS", "HF_HUB_DOWNLOAD_TIMEOUT",
        "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy",
    ];

    public HubUser()
    {
        foreach (var file in Directory.GetFiles(Model, "*", SearchOption.AllDirectories))
            Hub.Files[Path.GetRelativePath(Model, file).Replace('\\', '/')] = File.ReadAllBytes(file);
        foreach (var decoy in Decoys) Hub.Files[decoy] = Encoding.UTF8.GetBytes($"nothing that rlab needs: {decoy}");
        foreach (var name in Variables) Rlab.Variables[name] = null;
        (Rlab.Variables["HF_HOME"], Rlab.Variables["HF_ENDPOINT"]) = (Rlab["hf"], Hub.Endpoint);
    }

    static string Model => Path.Combine(Repository.Demo, "model");

    /// <summary>The files that a pull of fp32 brings.</summary>
    public static string[] Needed { get; } = ["config.json", Graph, "tokenizer.json", "tokenizer_config.json"];

    public LocalHub Hub { get; } = new();

    public Rlab Rlab { get; } = new();

    public string CacheFolder => Rlab["hf/hub/models--ours--tiny-reranker"];

    public string Snapshot => Path.Combine(CacheFolder, "snapshots", LocalHub.Commit);

    public string Blob(string path) => Path.Combine(CacheFolder, "blobs", Hub.Hash(path));

    public string Part(string path) => Blob(path) + ".incomplete";

    /// <summary>The model of the hub, with more after its name perhaps.</summary>
    public string[] Pull(params string[] more) => ["model", "pull", Hub.Model, .. more];

    /// <summary>A file's bytes in the snapshot.</summary>
    public byte[] Pulled(string path) => File.ReadAllBytes(Path.Combine(Snapshot, path));

    /// <summary>Everything below a folder, relative to it, in ordinal order.</summary>
    public static string[] FilesIn(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A graph whose weight stands in files of its own.</summary>
    public void HasExternalWeights(params string[] locations)
    {
        var graph = new OnnxModelWriter();
        graph.Input("input_ids", OnnxType.Int64, "batch", "sequence").Output("logits", OnnxType.Float, "batch", 1);
        foreach (var location in locations) graph.External("of_" + location, OnnxType.Float, [1], location, 0, 4);
        graph.Initializer("axis", [1], [1L]);
        graph.Node("Cast", "ids", ["input_ids"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        graph.Node("ReduceSum", "sum", ["ids", "axis"]);
        graph.Node("Mul", "logits", ["sum", "of_" + locations[0]]);
        graph.Save(Rlab["graph.onnx"]);
        Hub.Files[Graph] = File.ReadAllBytes(Rlab["graph.onnx"]);
        foreach (var location in locations) Hub.Files["onnx/" + location] = BitConverter.GetBytes(0.5f);
    }

    public void Dispose()
    {
        Hub.Dispose();
        Rlab.Dispose();
    }
}
