using System.Text.Json.Nodes;
using RerankLab.Core.Diagnosis;
using RerankLab.Core.Hub;

namespace RerankLab.Cli.Output;

/// <summary>What <c>rlab model pull</c> prints: the folder on stdout, what came from where on stderr.</summary>
static class PullSummary
{
    /// <param name="model">What was pulled.</param>
    /// <param name="to">The plain folder that was made of it; null where none was asked for.</param>
    /// <param name="format">How the folder is written.</param>
    public static void Write(PulledModel model, string? to, OutputFormat format)
    {
        int downloaded = model.Files.Count(f => !f.WasCached);
        Talk.Note(downloaded == 0 ? $"all {model.Files.Count} files are in the cache: nothing was downloaded"
            : $"{downloaded} of {model.Files.Count} files downloaded, {ByteSize.Shown(model.BytesDownloaded)}");
        if (format == OutputFormat.Json) Listing.WriteJson(Json(model, to));
        else Console.Out.WriteLine(to ?? model.Folder);
    }

    static JsonObject Json(PulledModel model, string? to) => new()
    {
        ["model"] = model.Model.Repository,
        ["revision"] = model.Model.Revision,
        ["commit"] = model.Commit,
        ["precision"] = model.Precision,
        ["folder"] = model.Folder,
        ["to"] = to,
        ["bytes_downloaded"] = model.BytesDownloaded,
        ["files"] = new JsonArray([.. model.Files.Select(f => new JsonObject
        {
            ["path"] = f.Path,
            ["size"] = f.Size,
            ["sha"] = f.Hash,
            ["source"] = f.WasCached ? "cache" : "downloaded",
        })]),
    };
}
