namespace RerankLab.Cli.Tests.Hub;

/// <summary><c>rlab model pull</c> where the network or the hub fails, and where the user stops it.</summary>
public sealed class PullInterruptionTests : IDisposable
{
    readonly HubUser _user = new();

    Rlab Rlab => _user.Rlab;

    LocalHub Hub => _user.Hub;

    int GraphSize => Hub.Files[HubUser.Graph].Length;

    List<HubRequest> GraphDownloads => [.. Hub.Downloads.Where(r => r.Path.EndsWith(HubUser.Graph))];

    public void Dispose() => _user.Dispose();

    /// <summary>Whether all that came is written.</summary>
    bool HasPart() =>
        File.Exists(_user.Part(HubUser.Graph)) && new FileInfo(_user.Part(HubUser.Graph)).Length == 100_000;

    /// <summary>Lets the first downloads of the graph go wrong.</summary>
    void GraphFails(int times, Func<System.Net.HttpListenerResponse, byte[], CancellationToken, Task> how)
    {
        int failed = 0;
        Hub.Fault = async (request, response, file, end) =>
        {
            if (!request.Path.EndsWith(HubUser.Graph) || failed++ >= times) return false;
            await how(response, file, end);
            return true;
        };
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_is_opened_again_where_it_was_cut()
    {
        GraphFails(1, (response, file, end) => LocalHub.Cut(response, file, 100_000, end));
        var result = await Rlab.Succeed(_user.Pull("--format", "json"));
        Assert.Equal([null, "bytes=100000-"], GraphDownloads.Select(r => r.Range));
        Assert.Equal(Hub.Files[HubUser.Graph], _user.Pulled(HubUser.Graph));
        Assert.Matches("note: onnx/model.onnx: .*; trying again in 0.5 s\n", result.Error);
        // Nothing came twice.
        Assert.Equal(HubUser.Needed.Sum(f => Hub.Files[f].Length), (long?)result.Json["bytes_downloaded"]);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 75)]
    public async Task Stopped_by_a_signal_the_part_stays_and_the_next_pull_goes_on(string signal, int exitCode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends the signals of Unix");
        StoppingTests.SkipWhereIgnored(signal);
        GraphFails(1, (response, file, end) => LocalHub.Stall(response, file, 100_000, end));
        var running = Rlab.Start(_user.Pull());
        await running.Until(HasPart);
        var stopped = (await running.End(signal)).MustExitWith(exitCode);
        Assert.Equal("", stopped.Out);
        Assert.EndsWith("note: stopped: what has come is kept, and the same command goes on from there\n",
            stopped.Error);
        Assert.False(File.Exists(Path.Combine(_user.CacheFolder, "refs", "main")));

        Hub.Forget();
        var next = await Rlab.Succeed(_user.Pull());
        Assert.Equal("bytes=100000-", Assert.Single(Hub.Downloads).Range);
        Assert.Contains("note: onnx/model.onnx: 97.7 KiB of 190.3 KiB are here\n", next.Error);
        Assert.Equal(Hub.Files[HubUser.Graph], _user.Pulled(HubUser.Graph));
        Assert.False(File.Exists(_user.Part(HubUser.Graph)));
    }

    [Fact]
    public async Task Killed_the_next_pull_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends the signals of Unix");
        GraphFails(1, (response, file, end) => LocalHub.Stall(response, file, 100_000, end));
        var running = Rlab.Start(_user.Pull());
        await running.Until(HasPart);
        await running.End("KILL");
        Hub.Forget();
        await Rlab.Succeed(_user.Pull());
        Assert.Equal("bytes=100000-", Assert.Single(Hub.Downloads).Range);
        Assert.Equal(Hub.Files[HubUser.Graph], _user.Pulled(HubUser.Graph));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_whole_file_again()
    {
        Hub.IgnoresRanges = true;
        GraphFails(1, (response, file, end) => LocalHub.Cut(response, file, 100_000, end));
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(2, GraphDownloads.Count);
        Assert.Equal(Hub.Files[HubUser.Graph], _user.Pulled(HubUser.Graph));
    }

    [Fact]
    public async Task A_server_without_ranges_that_always_cuts_is_given_up()
    {
        Hub.IgnoresRanges = true;
        GraphFails(int.MaxValue, (response, file, end) => LocalHub.Cut(response, file, 100_000, end));
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Matches(@"error: onnx/model\.onnx: .* \(5 times in a row\)\n" +
            "hint: what has come is kept: the same command goes on from there\n$", result.Error);
        Assert.Equal("", result.Out);
    }

    [Fact]
    public async Task A_refused_range_and_an_answer_from_elsewhere_in_the_file_start_it_again()
    {
        Part(1000);
        GraphFails(2, (response, _, _) =>
        {
            if (GraphDownloads.Count == 1) response.StatusCode = 416;
            // Had the part been kept this would be another range than asked for.
            else (response.StatusCode, response.Headers["Content-Range"]) = (206, $"bytes 7-8/{GraphSize}");
            return Task.CompletedTask;
        });
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(["bytes=1000-", null, null], GraphDownloads.Select(r => r.Range));
        Assert.Equal(Hub.Files[HubUser.Graph], _user.Pulled(HubUser.Graph));
    }

    [Fact]
    public async Task A_part_that_is_whole_is_verified_and_taken_and_one_that_is_too_long_is_not()
    {
        Part(GraphSize);
        await Rlab.Succeed(_user.Pull());
        Assert.Empty(GraphDownloads);
        Directory.Delete(_user.CacheFolder, recursive: true);
        Part(GraphSize + 1);
        await Rlab.Succeed(_user.Pull());
        Assert.Null(Assert.Single(GraphDownloads).Range);
    }

    [Fact]
    public async Task A_part_with_other_bytes_is_deleted_and_named()
    {
        Part(1000);
        File.WriteAllBytes(_user.Part(HubUser.Graph), new byte[1000]);
        await WrongHash(HubUser.Graph, "SHA-256");
        await Rlab.Succeed(_user.Pull());
    }

    [Theory]
    [InlineData(HubUser.Graph, "SHA-256")]
    [InlineData("tokenizer.json", "Git blob id")]
    public async Task A_file_with_another_hash_than_the_hubs_is_deleted_and_named(string path, string kind)
    {
        Hub.Sent[path] = [.. Hub.Files[path].Reverse()];
        await WrongHash(path, kind);
        Hub.Sent.Clear();
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(Hub.Files[path], _user.Pulled(path));
    }

    [Fact]
    public async Task A_file_longer_than_the_hub_says_is_deleted_and_named()
    {
        Hub.Sent[HubUser.Graph] = [.. Hub.Files[HubUser.Graph], 0];
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Contains($"error: {HubUser.Graph}: more came than the {GraphSize} bytes that the hub said; " +
            "it was deleted\nhint: ", result.Error);
        Assert.False(File.Exists(_user.Part(HubUser.Graph)));
    }

    [Fact]
    public async Task A_connection_on_which_nothing_comes_is_opened_again()
    {
        Rlab.Variables["HF_HUB_DOWNLOAD_TIMEOUT"] = "1";
        GraphFails(1, (response, file, end) => LocalHub.Stall(response, file, 100_000, end));
        var result = await Rlab.Succeed(_user.Pull());
        Assert.Contains("note: onnx/model.onnx: nothing came for 1 s; trying again in 0.5 s\n", result.Error);
        Assert.Equal("bytes=100000-", GraphDownloads[^1].Range);
    }

    [Theory]
    [InlineData(429, "Retry-After", "1", "1")]
    [InlineData(429, "RateLimit", "\"resolver\";r=0;t=1", "1")]
    [InlineData(503, null, null, "0.5")]
    [InlineData(403, null, null, "0.5")] // the storage's word for an address that is no longer good
    public async Task What_may_pass_is_tried_again_after_the_time_asked_for(
        int status, string? header, string? value, string pause)
    {
        GraphFails(1, (response, _, _) =>
        {
            response.StatusCode = status;
            if (header is not null) response.Headers[header] = value;
            return Task.CompletedTask;
        });
        var result = await Rlab.Succeed(_user.Pull());
        var storage = new Uri(Hub.Storage).Authority;
        Assert.Matches($@"note: onnx/model\.onnx: {storage} answered {status} .*; trying again in {pause} s\n",
            result.Error);
        Assert.Equal(2, GraphDownloads.Count);
    }

    [Fact]
    public async Task A_hub_that_asks_to_wait_for_long_is_not_waited_for()
    {
        GraphFails(1, (response, _, _) =>
        {
            (response.StatusCode, response.Headers["Retry-After"]) = (429, "3600");
            return Task.CompletedTask;
        });
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Contains("; the hub asks to wait for 60 minutes\n" +
            "hint: what has come is kept: the same command goes on from there, later\n", result.Error);
    }

    /// <summary>The beginning of the graph, and zeros where it is longer, as a download left it.</summary>
    void Part(int bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_user.Part(HubUser.Graph))!);
        File.WriteAllBytes(_user.Part(HubUser.Graph), [.. Hub.Files[HubUser.Graph].Concat(new byte[1]).Take(bytes)]);
    }

    async Task WrongHash(string path, string kind)
    {
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Equal("", result.Out);
        Assert.Matches($@"error: {path}: what came has the {kind} [0-9a-f]+, expected {Hub.Hash(path)}; " +
            "it was deleted\nhint: run the same command again", result.Error);
        Assert.False(File.Exists(_user.Part(path)) || File.Exists(_user.Blob(path)));
    }
}
