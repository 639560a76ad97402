using RerankLab.Core.Datasets;

namespace RerankLab.Core.Hub;

/// <summary>
/// A model as the user names it: a folder, or, where there is no such folder, a model of the hub in this machine's cache.
/// </summary>
/// <param name="Folder">The folder, be it there or not.</param>
/// <param name="Model">The hub's name for it; null for a folder that is there, and for what can only be a folder.</param>
public sealed record ModelReference(DataFile Folder, HubModelId? Model)
{
    /// <summary>Finds the model; nothing is downloaded.</summary>
    /// <param name="folder">The folder that the name stands for if it stands for one.</param>
    /// <param name="written">The name as written.</param>
    public static ModelReference Find(DataFile folder, string written)
    {
        if (Directory.Exists(folder.FullPath) || HubModelId.TryParse(written) is not { } model) return new ModelReference(folder, null);
        var cache = HubCache.Of(model);
        return cache.Revision() is { } revision
            ? new ModelReference(folder with { Shown = written, FullPath = cache.Snapshot(revision.Commit) }, model)
            : new ModelReference(folder, model);
    }

    /// <summary>Why it cannot be used, where the folder is not there.</summary>
    public string Absence => $"there is no model folder {Folder.Shown}{(Model is null ? "" : $", and the hub's cache has no {Model}")}";

    /// <summary>How a model of the hub comes to this machine; null for what can only be a folder.</summary>
    /// <param name="precision">The graph's variant.</param>
    public string? PullCommand(string precision = "fp32") =>
        Model is null ? null : $"rlab model pull {Model}{(precision == "fp32" ? "" : $" --precision {precision}")}";
}
