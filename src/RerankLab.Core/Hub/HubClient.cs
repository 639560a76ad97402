using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RerankLab.Core.Hub;

/// <summary>
/// Requests to a Hugging Face-compatible hub. Redirects are followed here and not by <see cref="HttpClient"/>, which drops the
/// token on every one of them: a private model's files are redirected within the hub, and the token must go along there and
/// nowhere else.
/// </summary>
/// <param name="settings">Where the hub is.</param>
/// <param name="retries">Tries again what a network interrupts.</param>
public sealed class HubClient(HubSettings settings, Retries retries) : IDisposable
{
    const int MaxRedirects = 10;

    readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        // A big file takes as long as it takes; what stalls is noticed by StallTimeout.
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { { "User-Agent", $"rlab/{typeof(HubClient).Assembly.GetName().Version?.ToString(3)}" } },
    };

    readonly Uri _endpoint = new(settings.Endpoint);

    /// <summary>Whether the hub ever answered: where it never did, there is no network rather than a bad moment.</summary>
    bool _wasReached;

    public void Dispose() => _http.Dispose();

    /// <summary>The commit that the model's revision stands for, with its files.</summary>
    /// <exception cref="UserError">There is no such model or revision, the hub refuses, or it cannot be reached.</exception>
    public async Task<HubRevision> Revision(HubModelId model, CancellationToken stop)
    {
        var address = $"{settings.Endpoint}/api/models/{model.Repository}/revision/{Uri.EscapeDataString(model.Revision)}?blobs=true";
        return await retries.Run($"asking {_endpoint.Authority} for {model}", async () =>
        {
            using var response = await Send(model, HttpMethod.Get, new Uri(address), null, stop);
            using var stall = new Stall(settings.StallTimeout, stop);
            return Read(await stall.Watch(token => response.Content.ReadAsStringAsync(token)));
        }, stop);
    }

    /// <summary>A file's size and hash, from the headers that its address answers with.</summary>
    /// <exception cref="UserError">The hub does not say them.</exception>
    public async Task<HubFile> Describe(HubModelId model, string commit, string path, CancellationToken stop)
    {
        return await retries.Run($"asking for {path}", async () =>
        {
            using var response = await Send(model, HttpMethod.Head, Address(model, commit, path), null, stop);
            var hash = Header(response, "X-Linked-Etag") ?? Header(response, "ETag");
            var size = Header(response, "X-Linked-Size") ?? response.Content.Headers.ContentLength?.ToString();
            hash = hash?.Replace("W/", "").Trim('"').ToLowerInvariant();
            return hash is not null && BlobHash.IsKnown(hash) && long.TryParse(size, out long bytes)
                ? new HubFile(path, bytes, hash)
                : throw new UserError($"{path}: {_endpoint.Authority} does not say the file's size and hash: it could not be verified",
                    "use another hub (HF_ENDPOINT)");
        }, stop);
    }

    /// <summary>
    /// Opens a file of a commit for reading from <paramref name="from"/> on. The answer may be the whole file all the same.
    /// </summary>
    /// <exception cref="NetworkInterruption">The network or the hub failed for now.</exception>
    /// <exception cref="UserError">The hub refuses.</exception>
    internal Task<HttpResponseMessage> Open(HubModelId model, string commit, string path, long from, CancellationToken stop) =>
        Send(model, HttpMethod.Get, Address(model, commit, path), from > 0 ? new RangeHeaderValue(from, null) : null, stop);

    /// <summary>Bytes of an answer; 0 at its end.</summary>
    /// <exception cref="NetworkInterruption">The connection was cut, or nothing came for too long.</exception>
    internal async Task<int> Read(Stream answer, Memory<byte> buffer, CancellationToken stop)
    {
        using var stall = new Stall(settings.StallTimeout, stop);
        return await stall.Watch(async token => await answer.ReadAsync(buffer, token));
    }

    Uri Address(HubModelId model, string commit, string path) =>
        new($"{settings.Endpoint}/{model.Repository}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    async Task<HttpResponseMessage> Send(HubModelId model, HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken stop)
    {
        for (int redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Range = range;
            if (settings.Token is not null && IsHub(address))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token);
            var response = await Answer(request, stop);

            // The headers of a redirect to a big file's storage describe the file; the storage's own do not.
            bool isRedirect = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            var next = isRedirect && response.Headers.Location is { } location ? new Uri(address, location) : null;
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                || next is not null && method == HttpMethod.Head && !IsHub(next)) return response;

            using (response)
            {
                if (next is null) throw HubRefusal.Of(response, model, settings, IsHub(address));
                if (redirects == MaxRedirects) throw new UserError($"{_endpoint.Authority} redirects in a circle: {address}");
                if (address.Scheme == "https" && next.Scheme != "https")
                    throw new UserError($"{address.Authority} redirects from https to {next.Scheme}://{next.Authority}, unprotected");
            }
            address = next;
        }
    }

    async Task<HttpResponseMessage> Answer(HttpRequestMessage request, CancellationToken stop)
    {
        using var stall = new Stall(settings.StallTimeout, stop);
        try
        {
            var response = await stall.Watch(token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token));
            _wasReached = true;
            return response;
        }
        catch (NetworkInterruption e) when (!_wasReached && e.InnerException is HttpRequestException { HttpRequestError: var error }
            && error is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError)
        {
            throw new UserError($"{settings.Endpoint} cannot be reached: {e.Message}",
                "check the network and the proxy (HTTPS_PROXY); HF_ENDPOINT names another hub or a mirror, e.g. https://hf-mirror.com");
        }
    }

    bool IsHub(Uri address) => (address.Scheme, address.Host, address.Port) == (_endpoint.Scheme, _endpoint.Host, _endpoint.Port);

    HubRevision Read(string answer)
    {
        try
        {
            var json = JsonNode.Parse(answer)!;
            var files = new Dictionary<string, HubFile?>();
            foreach (var sibling in json["siblings"]!.AsArray())
            {
                var path = SafePath.Check((string)sibling!["rfilename"]!);
                var hash = (string?)sibling["lfs"]?["sha256"] ?? (string?)sibling["blobId"];
                var size = (long?)sibling["lfs"]?["size"] ?? (long?)sibling["size"];
                files[path] = hash is not null && BlobHash.IsKnown(hash) && size is { } bytes ? new HubFile(path, bytes, hash) : null;
            }
            return new HubRevision(SafePath.CheckName((string)json["sha"]!), files);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException
            or FormatException)
        {
            throw new UserError($"{settings.Endpoint} does not answer as a Hugging Face-compatible hub does",
                "check HF_ENDPOINT; a network that asks for a log-in answers in the hub's place, too");
        }
    }

    static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>Waits for the network, but not for longer than the stall timeout.</summary>
    sealed class Stall(TimeSpan timeout, CancellationToken stop) : IDisposable
    {
        readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(stop);

        public async Task<T> Watch<T>(Func<CancellationToken, Task<T>> wait)
        {
            _source.CancelAfter(timeout);
            try
            {
                return await wait(_source.Token);
            }
            catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
            {
                throw new NetworkInterruption($"nothing came for {timeout.TotalSeconds} s", e);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new NetworkInterruption(e.InnerException is { } inner ? $"{e.Message.TrimEnd('.')}: {inner.Message}" : e.Message, e);
            }
        }

        public void Dispose() => _source.Dispose();
    }
}
