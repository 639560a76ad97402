using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests.Hub;

/// <summary>A request that the hub or its storage had.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Path">As sent, the query left out.</param>
/// <param name="Range">The header; null without.</param>
/// <param name="Token">What follows Bearer; null without.</param>
/// <param name="IsStorage">Whether the storage was asked, on a host of its own.</param>
sealed record HubRequest(string Method, string Path, string? Range, string? Token, bool IsStorage)
{
    public bool IsDownload => Method == "GET" && (IsStorage || Path.Contains("/resolve-cache/"));
}

/// <summary>
/// Behaves like huggingface.co as far as a download sees it: the API lists a model's files with their hashes; files are
/// redirected, those in Git within the hub, those in LFS to a storage on another host; ranges are answered; refusals
/// carry X-Error-Code.
/// </summary>
sealed class LocalHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    readonly HttpListener _hub, _storage;
    readonly ConcurrentQueue<HubRequest> _requests = new();
    readonly CancellationTokenSource _end = new();

    public LocalHub()
    {
        (_hub, Endpoint) = Listen();
        (_storage, Storage) = Listen();
        _ = Serve(_hub, AnswerHub);
        _ = Serve(_storage, AnswerStorage);
    }

    public string Endpoint { get; }

    public string Storage { get; }

    public string Model { get; set; } = "ours/tiny-reranker";

    /// <summary>Another name that the model had once: the hub redirects it.</summary>
    public string? FormerName { get; set; }

    /// <summary>The model's files by path.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Files as they are sent, where that is not what the API says of them.</summary>
    public Dictionary<string, byte[]> Sent { get; } = [];

    /// <summary>The only token that may see the model; null for a public one.</summary>
    public string? Token { get; set; }

    /// <summary>The token's account has not accepted the model's terms.</summary>
    public bool IsGated { get; set; }

    /// <summary>The storage gives whole files only.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>The API lists names only, as some other hubs do.</summary>
    public bool ListsNamesOnly { get; set; }

    /// <summary>Refusals have a status and no X-Error-Code, as some other hubs' have.</summary>
    public bool GivesNoCodes { get; set; }

    /// <summary>Another answer of the API than its own.</summary>
    public string? ApiAnswer { get; set; }

    /// <summary>What goes wrong: given a request for a file, answers it badly and returns true.</summary>
    public Func<HubRequest, HttpListenerResponse, byte[], CancellationToken, Task<bool>>? Fault { get; set; }

    public List<HubRequest> Requests => [.. _requests];

    public List<HubRequest> Downloads => [.. _requests.Where(r => r.IsDownload)];

    public void Forget() => _requests.Clear();

    public static bool IsLfs(string path) => path.Contains(".onnx") || path.EndsWith(".safetensors");

    public string Hash(string path) => IsLfs(path) ? Convert.ToHexStringLower(SHA256.HashData(Files[path]))
        : Convert.ToHexStringLower(
            SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {Files[path].Length}\0"), .. Files[path]]));

    public void Dispose()
    {
        _end.Cancel();
        _hub.Close();
        _storage.Close();
        _end.Dispose();
    }

    /// <summary>Sends the first bytes of a file, and ends the connection without the rest.</summary>
    public static async Task Cut(HttpListenerResponse response, byte[] file, int bytes, CancellationToken end)
    {
        response.ContentLength64 = file.Length;
        await response.OutputStream.WriteAsync(file.AsMemory(0, bytes), end);
        await response.OutputStream.FlushAsync(end);
        response.Abort();
    }

    /// <summary>Sends the first bytes of a file, and then nothing for ever.</summary>
    public static async Task Stall(HttpListenerResponse response, byte[] file, int bytes, CancellationToken end)
    {
        response.ContentLength64 = file.Length;
        await response.OutputStream.WriteAsync(file.AsMemory(0, bytes), end);
        await response.OutputStream.FlushAsync(end);
        await Task.Delay(Timeout.Infinite, end);
    }

    async Task AnswerHub(HubRequest request, HttpListenerResponse response)
    {
        if (FormerName is not null && request.Path.Contains(FormerName))
        {
            response.StatusCode = 307;
            response.RedirectLocation = request.Path.Replace(FormerName, Model) + "?blobs=true";
            return;
        }
        if (Refusal(request) is var (status, code))
        {
            response.StatusCode = status;
            if (code is not null && !GivesNoCodes) response.Headers["X-Error-Code"] = code;
            return;
        }
        if (request.Path.StartsWith("/api/models/"))
        {
            var answer = Encoding.UTF8.GetBytes(ApiAnswer ?? Listed().ToJsonString());
            await response.OutputStream.WriteAsync(answer, _end.Token);
            return;
        }

        var path = Uri.UnescapeDataString(request.Path[(request.Path.IndexOf(Commit) + Commit.Length + 1)..]);
        if (!Files.TryGetValue(path, out var file))
        {
            response.StatusCode = 404;
            response.Headers["X-Error-Code"] = "EntryNotFound";
            return;
        }
        response.Headers["X-Repo-Commit"] = Commit;
        if (request.Path.Contains("/resolve-cache/"))
        {
            response.Headers["ETag"] = $"\"{Hash(path)}\"";
            await Send(request, response, path);
            return;
        }
        response.Headers["X-Linked-Size"] = $"{file.Length}";
        response.Headers["X-Linked-Etag"] = $"\"{Hash(path)}\"";
        (response.StatusCode, response.RedirectLocation) =
            IsLfs(path) ? (302, $"{Storage}/{Commit}/{path}?signature=x")
                : (307, $"/api/resolve-cache/models/{Model}/{Commit}/{path}");
    }

    Task AnswerStorage(HubRequest request, HttpListenerResponse response) =>
        Send(request, response, request.Path[(Commit.Length + 2)..]);

    (int, string?)? Refusal(HubRequest request)
    {
        const string noModel = "RepoNotFound";
        if (!request.Path.Contains($"/{Model}/")) return (Token is null && request.Token is null ? 401 : 404, noModel);
        if (request.Token is not null && request.Token != Token) return (401, null);
        if (IsGated) return (request.Token is null ? 401 : 403, "GatedRepo");
        if (Token is not null && request.Token is null) return (401, "RepoNotFound");
        string[] revisions = ["main", "refs%2Fpr%2F1", "v1.0", Commit];
        if (request.Path.StartsWith("/api/models/") && !revisions.Any(r => request.Path.EndsWith($"/revision/{r}")))
            return (404, "RevisionNotFound");
        return null;
    }

    async Task Send(HubRequest request, HttpListenerResponse response, string path)
    {
        var file = Sent.GetValueOrDefault(path) ?? Files[path];
        if (request.Method == "HEAD")
        {
            response.ContentLength64 = file.Length;
            return;
        }
        if (Fault is not null && await Fault(request, response, file, _end.Token)) return;
        int from = request.Range is { } range && !IgnoresRanges ? int.Parse(range["bytes=".Length..].TrimEnd('-')) : 0;
        if (from >= file.Length && from > 0)
        {
            response.StatusCode = 416;
            return;
        }
        if (from > 0)
        {
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{file.Length - 1}/{file.Length}";
        }
        response.ContentLength64 = file.Length - from;
        await response.OutputStream.WriteAsync(file.AsMemory(from), _end.Token);
    }

    JsonObject Listed() => new()
    {
        ["id"] = Model,
        ["sha"] = Commit,
        ["siblings"] = new JsonArray([.. Files.Select(f => Listed(f.Key, f.Value))]),
    };

    JsonObject Listed(string path, byte[] content)
    {
        var listed = new JsonObject { ["rfilename"] = path };
        if (ListsNamesOnly) return listed;
        listed["size"] = content.Length;
        listed["blobId"] = IsLfs(path) ? new string('e', 40) : Hash(path);
        if (IsLfs(path))
            listed["lfs"] = new JsonObject
            {
                ["sha256"] = Hash(path),
                ["size"] = content.Length,
                ["pointerSize"] = 134,
            };
        return listed;
    }

    async Task Serve(HttpListener listener, Func<HubRequest, HttpListenerResponse, Task> answer)
    {
        while (!_end.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException
                or InvalidOperationException)
            {
                return;
            }
            _ = Task.Run(async () =>
            {
                var headers = context.Request.Headers;
                var request = new HubRequest(context.Request.HttpMethod, context.Request.RawUrl!.Split('?')[0],
                    headers["Range"],
                    headers["Authorization"]?["Bearer ".Length..], listener == _storage);
                _requests.Enqueue(request);
                try
                {
                    await answer(request, context.Response);
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or IOException or OperationCanceledException
                    or ObjectDisposedException
                    or InvalidOperationException)
                {
                    // The client went away, or the connection was cut on purpose.
                }
            });
        }
    }

    static (HttpListener, string) Listen()
    {
        for (int tries = 0; ; tries++)
        {
            var address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}";
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (tries < 20)
            {
                // Another program has this port.
            }
        }
    }
}
