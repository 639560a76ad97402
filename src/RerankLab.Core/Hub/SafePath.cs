namespace RerankLab.Core.Hub;

/// <summary>Refuses names from a server that would lead out of the folder they are meant for.</summary>
static class SafePath
{
    /// <summary>A relative path with slashes.</summary>
    /// <exception cref="UserError">It is none, or leads out of its folder.</exception>
    public static string Check(string path) => path.Split('/').All(IsName) ? path
        : throw new UserError($"the hub names a file outside the model's folder: '{path}'",
            "do not use this model, or this hub (HF_ENDPOINT)");

    /// <summary>One name.</summary>
    /// <exception cref="UserError">It is a path, or leads out of its folder.</exception>
    public static string CheckName(string name) => IsName(name) && !name.Contains('/') ? name
        : throw new UserError($"the hub gives a commit that is none: '{name}'", "do not use this hub (HF_ENDPOINT)");

    static bool IsName(string name) => name is not ("" or "." or "..") && !name.Contains('\\') && !name.Any(char.IsControl)
        // A drive, or a stream beside a file.
        && !(OperatingSystem.IsWindows() && name.Contains(':'));
}
