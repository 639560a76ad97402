using System.Globalization;

namespace RerankLab.Core.Hub;

/// <summary>
/// How to reach the hub, by the variables that Python's huggingface_hub reads (<c>constants.py</c> of 1.x), so that one set-up
/// serves both.
/// </summary>
/// <param name="Endpoint"><c>HF_ENDPOINT</c> without a slash at its end.</param>
/// <param name="Token"><c>HF_TOKEN</c>, else what the token file holds; null where there is none.</param>
/// <param name="StallTimeout">How long to wait for the next bytes: <c>HF_HUB_DOWNLOAD_TIMEOUT</c>, in seconds.</param>
public sealed record HubSettings(string Endpoint, string? Token, TimeSpan StallTimeout)
{
    const string DefaultEndpoint = "https://huggingface.co";

    const int DefaultStallSeconds = 30;

    /// <summary><c>HF_HUB_OFFLINE</c>: no request may be made.</summary>
    public static bool IsOffline => IsTrue("HF_HUB_OFFLINE") || IsTrue("TRANSFORMERS_OFFLINE");

    /// <summary><c>HF_HUB_DISABLE_SYMLINKS</c>: the cache holds files where it would hold links.</summary>
    internal static bool DisablesSymbolicLinks => IsTrue("HF_HUB_DISABLE_SYMLINKS");

    /// <summary><c>HF_HUB_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>.</summary>
    internal static string CacheFolder => Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(Home, "hub");

    static string Home => Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(UserFolder, ".cache"), "huggingface");

    static string UserFolder =>
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <exception cref="UserError">A variable holds what it cannot mean.</exception>
    public static HubSettings FromEnvironment()
    {
        var endpoint = (Variable("HF_ENDPOINT") ?? DefaultEndpoint).TrimEnd('/');
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UserError($"HF_ENDPOINT: expected an address such as {DefaultEndpoint}, found '{endpoint}'");
        return new HubSettings(endpoint, ReadToken(), ReadStallTimeout());
    }

    static string? ReadToken()
    {
        var file = Folder("HF_TOKEN_PATH") ?? Path.Combine(Home, "token");
        var (source, text) = Variable("HF_TOKEN") is { } own ? ("HF_TOKEN", own)
            : Variable("HUGGING_FACE_HUB_TOKEN") is { } old ? ("HUGGING_FACE_HUB_TOKEN", old)
            : (file, File.Exists(file) ? File.ReadAllText(file) : "");
        var token = text.Trim();
        // The token itself is never shown.
        if (token.Any(c => c is <= ' ' or > '~'))
            throw new UserError($"{source}: expected a token such as hf_…, found other characters than a token has");
        return token.Length > 0 ? token : null;
    }

    static TimeSpan ReadStallTimeout()
    {
        const string name = "HF_HUB_DOWNLOAD_TIMEOUT";
        if (Variable(name) is not { } text) return TimeSpan.FromSeconds(DefaultStallSeconds);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw new UserError($"{name}: expected a whole number of seconds, at least 1, found '{text}'");
    }

    static bool IsTrue(string name) => Variable(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    static string? Folder(string name) => Variable(name) is not { } path ? null
        : Path.GetFullPath(path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? UserFolder + path[1..] : path);

    static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
