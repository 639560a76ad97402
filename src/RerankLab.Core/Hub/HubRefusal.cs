using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace RerankLab.Core.Hub;

/// <summary>What an answer other than success means to the user. Codes: <c>hf_raise_for_status</c> of huggingface_hub 1.x.</summary>
static partial class HubRefusal
{
    /// <summary>A <see cref="UserError"/>, or a <see cref="NetworkInterruption"/> for what may pass.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="model">The model asked for.</param>
    /// <param name="settings">Where the hub is, and whether a token was sent.</param>
    /// <param name="isHub">False for an answer of the storage that the hub redirects to.</param>
    public static Exception Of(HttpResponseMessage response, HubModelId model, HubSettings settings, bool isHub)
    {
        string? code = Header("X-Error-Code"), message = Header("X-Error-Message");
        string hub = settings.Endpoint, page = $"{hub}/{model.Repository}";
        bool hasToken = settings.Token is not null;
        string setToken = $"set HF_TOKEN to a token of yours (make one at {hub}/settings/tokens) or run `hf auth login`";

        // A signed address of the storage ends with time: the next try asks the hub for another.
        if (IsPassing(response.StatusCode) || !isHub) return new NetworkInterruption(Answered(), null, RetryAfter(response));

        return (response.StatusCode, code) switch
        {
            (_, "GatedRepo") => new UserError($"{model} is gated: {hub} gives it only to those who accepted its terms",
                $"accept them on {page}{(hasToken ? " with the account of your token (HF_TOKEN)" : $", then {setToken}")}"),
            (_, "RevisionNotFound") => new UserError($"{model.Repository} has no revision '{model.Revision}'",
                $"its branches and tags: {page}/tree/main"),
            (_, "EntryNotFound") => new UserError($"{hub} lists a file that it does not have: {response.RequestMessage?.RequestUri}"),
            (HttpStatusCode.Unauthorized, not "RepoNotFound") when hasToken => new UserError($"{hub} does not accept the token sent",
                "is HF_TOKEN, or the token that `hf auth login` left, still good?"),
            (HttpStatusCode.Unauthorized, _) or (_, "RepoNotFound") => new UserError(
                $"there is no model {model.Repository} on {hub}, or it is private",
                hasToken ? "check the spelling; does the account of your token (HF_TOKEN) see it?"
                    : $"check the spelling; for a private model {setToken}"),
            (HttpStatusCode.Forbidden, _) => new UserError($"{hub} does not give {model} to you{(message is null ? "" : $": {message}")}",
                hasToken ? $"may your token (HF_TOKEN) read it? A gated model's terms are accepted on {page}"
                    : $"accept its terms on {page}, then {setToken}"),
            (HttpStatusCode.NotFound, _) => new UserError($"there is no model {model.Repository} on {hub}" +
                (model.Revision == HubModelId.DefaultRevision ? "" : $", or it has no revision '{model.Revision}'"),
                $"check the spelling: {page}"),
            _ => new UserError(Answered()),
        };

        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

        string Answered() =>
            $"{response.RequestMessage?.RequestUri?.Authority} answered {(int)response.StatusCode} {response.ReasonPhrase}" +
            (message is null ? "" : $": {message}");
    }

    static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>From <c>Retry-After</c>, else from huggingface.co's own <c>RateLimit: "resolver";r=0;t=55</c>.</summary>
    static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > DateTimeOffset.UtcNow => date - DateTimeOffset.UtcNow,
        _ when response.Headers.TryGetValues("RateLimit", out var values) && UsedUp().Match(values.First()) is { Success: true } limit =>
            TimeSpan.FromSeconds(int.Parse(limit.Groups["seconds"].Value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    [GeneratedRegex(@";\s*r=0\s*;\s*t=(?<seconds>[0-9]{1,6})")]
    private static partial Regex UsedUp();
}
