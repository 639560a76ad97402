using System.Diagnostics;
using CliWrap.Buffered;

namespace RerankLab.Cli.Tests.Hub;

/// <summary><c>rlab model pull</c>: what comes, what does not, and what is printed.</summary>
public sealed class ModelPullTests : IDisposable
{
    readonly HubUser _user = new();

    Rlab Rlab => _user.Rlab;

    LocalHub Hub => _user.Hub;

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_pull_brings_what_the_precision_needs_and_nothing_else()
    {
        var result = await Rlab.Succeed(_user.Pull());
        Assert.Equal(_user.Snapshot + "\n", result.Out);
        Assert.Equal(HubUser.Needed, HubUser.FilesIn(_user.Snapshot));
        foreach (var path in HubUser.Needed) Assert.Equal(Hub.Files[path], _user.Pulled(path));
        Assert.Equal(HubUser.Needed.Length, Hub.Downloads.Count);
        Assert.Contains("note: onnx/model.onnx: downloading 190.3 KiB\n", result.Error);
        Assert.EndsWith("note: 4 of 4 files downloaded, 511.7 KiB\n", result.Error);
        Assert.DoesNotContain('\e', result.Error);
    }

    [Fact]
    public async Task The_cache_is_laid_out_as_Pythons()
    {
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(LocalHub.Commit, File.ReadAllText(Path.Combine(_user.CacheFolder, "refs", "main")));
        Assert.Equal(HubUser.Needed.Select(Hub.Hash).Order(StringComparer.Ordinal),
            HubUser.FilesIn(Path.Combine(_user.CacheFolder, "blobs")));
        Assert.Equal($"../../../blobs/{Hub.Hash(HubUser.Graph)}", Link(HubUser.Graph));
        Assert.Equal($"../../blobs/{Hub.Hash("config.json")}", Link("config.json"));
        Assert.Equal(["blobs", "refs", "snapshots"],
            Directory.GetDirectories(_user.CacheFolder).Select(d => Path.GetFileName(d)).Order());
    }

    [Fact]
    public async Task A_second_pull_asks_for_the_commit_and_downloads_nothing()
    {
        var first = await Rlab.Succeed(_user.Pull());
        Hub.Forget();
        var second = await Rlab.Succeed(_user.Pull());
        Assert.Equal(first.Out, second.Out);
        Assert.Equal("note: all 4 files are in the cache: nothing was downloaded\n", second.Error);
        var request = Assert.Single(Hub.Requests);
        Assert.Equal(("GET", $"/api/models/{Hub.Model}/revision/main"), (request.Method, request.Path));
    }

    [Fact]
    public async Task What_Python_downloaded_is_used_and_only_the_rest_is_downloaded()
    {
        AsPythonWould("config.json", HubUser.Graph);
        var result = await Rlab.Succeed(_user.Pull("--format", "json"));
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"],
            Hub.Downloads.Select(r => r.Path.Split('/')[^1]).Order(StringComparer.Ordinal));
        Assert.Equal(["config.json", HubUser.Graph], result.Json["files"]!.AsArray()
            .Where(f => (string?)f!["source"] == "cache").Select(f => (string?)f!["path"]));
        Assert.Equal(Hub.Files["tokenizer.json"].Length + Hub.Files["tokenizer_config.json"].Length,
            (long?)result.Json["bytes_downloaded"]);
    }

    [Fact]
    public async Task A_blob_of_another_revision_is_linked_and_not_downloaded()
    {
        await Rlab.Succeed(_user.Pull());
        Directory.Delete(Path.Combine(_user.CacheFolder, "snapshots"), recursive: true);
        Hub.Forget();
        await Rlab.Succeed(_user.Pull());
        Assert.Empty(Hub.Downloads);
        foreach (var path in HubUser.Needed) Assert.Equal(Hub.Files[path], _user.Pulled(path));
    }

    [Fact]
    public async Task A_cached_file_of_another_size_is_downloaded_again()
    {
        await Rlab.Succeed(_user.Pull());
        File.WriteAllBytes(_user.Blob("config.json"), [1, 2, 3]);
        Hub.Forget();
        await Rlab.Succeed(_user.Pull());
        Assert.EndsWith("/config.json", Assert.Single(Hub.Downloads).Path);
        Assert.Equal(Hub.Files["config.json"], _user.Pulled("config.json"));
    }

    [Fact]
    public async Task Json_says_where_every_file_came_from()
    {
        var json = (await Rlab.Succeed(_user.Pull("--format", "json"))).Json;
        Assert.Equal((Hub.Model, "main", LocalHub.Commit, "fp32", _user.Snapshot),
            ((string?)json["model"], (string?)json["revision"],
            (string?)json["commit"], (string?)json["precision"], (string?)json["folder"]));
        Assert.Null(json["to"]);
        Assert.Equal(HubUser.Needed.Sum(f => Hub.Files[f].Length), (long?)json["bytes_downloaded"]);
        Assert.Equal(HubUser.Needed,
            json["files"]!.AsArray().Select(f => (string)f!["path"]!).Order(StringComparer.Ordinal));
        foreach (var file in json["files"]!.AsArray())
        {
            var path = (string)file!["path"]!;
            Assert.Equal((Hub.Files[path].Length, Hub.Hash(path), "downloaded"),
                ((int?)file["size"], (string?)file["sha"], (string?)file["source"]));
        }
    }

    [Theory]
    [InlineData("fp16", "onnx/model_fp16.onnx")]
    [InlineData("int8", "onnx/model_quantized.onnx")]
    public async Task Another_precision_brings_its_own_graph(string precision, string graph)
    {
        Hub.Files[graph] = Hub.Files[HubUser.Graph];
        await Rlab.Succeed(_user.Pull("--precision", precision));
        Assert.Equal([graph], HubUser.FilesIn(_user.Snapshot).Where(f => f.Contains(".onnx")));
    }

    [Fact]
    public async Task A_graph_beside_the_config_and_a_vocabulary_without_tokenizer_json_will_do()
    {
        Hub.Files["model.onnx"] = Hub.Files[HubUser.Graph];
        Hub.Files.Remove(HubUser.Graph);
        Hub.Files.Remove("tokenizer.json");
        (Hub.Files["vocab.txt"], Hub.Files["special_tokens_map.json"]) = ("[PAD]\n"u8.ToArray(), "{}"u8.ToArray());
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(
            ["config.json", "model.onnx", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt"],
            HubUser.FilesIn(_user.Snapshot));
    }

    [Fact]
    public async Task The_files_with_the_graphs_weights_come_along()
    {
        _user.HasExternalWeights("model.onnx_data", "model.onnx_data_1");
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(["onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx_data_1"],
            HubUser.FilesIn(_user.Snapshot).Where(f => f.Contains(".onnx")));
    }

    [Fact]
    public async Task A_hub_that_lists_names_only_is_asked_for_each_files_hash()
    {
        Hub.ListsNamesOnly = true;
        await Rlab.Succeed(_user.Pull());
        Assert.Equal(HubUser.Needed.Select(Hub.Hash).Order(StringComparer.Ordinal),
            HubUser.FilesIn(Path.Combine(_user.CacheFolder, "blobs")));
        Assert.All(Hub.Requests.Where(r => r.Method == "HEAD"), r => Assert.False(r.IsStorage));
    }

    [Fact]
    public async Task A_model_that_was_renamed_is_found_under_its_former_name()
    {
        Hub.FormerName = "former/name";
        await Rlab.Succeed("model", "pull", "former/name");
        Assert.True(File.Exists(Rlab[$"hf/hub/models--former--name/snapshots/{LocalHub.Commit}/config.json"]));
    }

    [Theory]
    [InlineData("v1.0", "refs/v1.0")]
    [InlineData("refs/pr/1", "refs/refs/pr/1")]
    [InlineData(LocalHub.Commit, null)]
    public async Task A_revision_can_be_named(string revision, string? reference)
    {
        var result = await Rlab.Succeed("model", "pull", $"{Hub.Model}@{revision}");
        Assert.Equal(_user.Snapshot + "\n", result.Out);
        var refs = Path.Combine(_user.CacheFolder, "refs");
        Assert.Equal(reference is null ? [] : new[] { reference },
            Directory.Exists(refs) ? HubUser.FilesIn(refs).Select(f => $"refs/{f}") : []);
    }

    [Fact]
    public async Task Without_symbolic_links_the_snapshot_holds_files()
    {
        Rlab.Variables["HF_HUB_DISABLE_SYMLINKS"] = "1";
        await Rlab.Succeed(_user.Pull());
        Assert.All(HubUser.Needed, path => Assert.Null(new FileInfo(Path.Combine(_user.Snapshot, path)).LinkTarget));
        foreach (var path in HubUser.Needed) Assert.Equal(Hub.Files[path], _user.Pulled(path));
        Directory.Delete(Path.Combine(_user.CacheFolder, "blobs"), recursive: true);
        Hub.Forget();
        await Rlab.Succeed(_user.Pull());
        Assert.Empty(Hub.Downloads);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE", "elsewhere", "elsewhere")]
    [InlineData("XDG_CACHE_HOME", "xdg", "xdg/huggingface/hub")]
    public async Task The_cache_lies_where_Python_would_put_it(string variable, string value, string folder)
    {
        Rlab.Variables["HF_HOME"] = null;
        Rlab.Variables[variable] = Rlab[value];
        var result = await Rlab.Succeed(_user.Pull());
        Assert.StartsWith(Rlab[folder] + "/models--ours--tiny-reranker/snapshots/", result.Out);
    }

    [Fact]
    public async Task Offline_the_cache_is_used_and_the_hub_is_not_asked()
    {
        var online = await Rlab.Succeed(_user.Pull());
        Hub.Forget();
        Rlab.Variables["HF_HUB_OFFLINE"] = "1";
        var offline = await Rlab.Succeed(_user.Pull("--to", "plain"));
        Assert.Equal((_user.Snapshot + "\n", Rlab["plain"] + "\n"), (online.Out, offline.Out));
        Assert.Empty(Hub.Requests);
        Assert.Equal(HubUser.Needed, HubUser.FilesIn(Rlab["plain"]));

        var error = await Rlab.Run(_user.Pull("--precision", "fp16"));
        Assert.Equal(1, error.ExitCode);
        Assert.Contains($"error: {Hub.Model} in the hub's cache (HF_HUB_OFFLINE is set) " +
            "has no graph for precision fp16 ", error.Error);
    }

    [Fact]
    public async Task Offline_and_without_the_model_pull_says_so()
    {
        Rlab.Variables["HF_HUB_OFFLINE"] = "1";
        Assert.Equal($"error: the hub's cache has no {Hub.Model}, and HF_HUB_OFFLINE is set\n" +
            "hint: unset HF_HUB_OFFLINE to download it\n",
            await Rlab.Fail(_user.Pull()));
        Assert.Empty(Hub.Requests);
    }

    [Fact]
    public async Task A_plain_folder_holds_real_files_that_share_the_graphs_disk_space()
    {
        var result = await Rlab.Succeed(_user.Pull("--to", "models/plain"));
        Assert.Equal(Rlab["models/plain"] + "\n", result.Out);
        Assert.Equal(HubUser.Needed, HubUser.FilesIn(Rlab["models/plain"]));
        foreach (var path in HubUser.Needed)
        {
            var file = new FileInfo(Rlab[$"models/plain/{path}"]);
            Assert.Null(file.LinkTarget);
            Assert.Equal(Hub.Files[path], File.ReadAllBytes(file.FullName));
        }
        // Editing a JSON file must not reach the cache.
        File.WriteAllText(Rlab["models/plain/config.json"], "{}");
        Assert.Equal(Hub.Files["config.json"], _user.Pulled("config.json"));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks stat for the number of links");
        var links = new ProcessStartInfo("stat", ["-c", "%h", Rlab[$"models/plain/{HubUser.Graph}"]]);
        links.RedirectStandardOutput = true;
        using var stat = Process.Start(links)!;
        Assert.Equal("2\n", await stat.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_plain_folder_is_left_where_it_is_whole_and_never_overwritten()
    {
        await Rlab.Succeed(_user.Pull("--to", "plain"));
        await Rlab.Succeed(_user.Pull("--to", "plain"));
        File.WriteAllText(Rlab["plain/config.json"], "{}");
        File.Delete(Rlab["plain/tokenizer.json"]);
        var error = await Rlab.Run(_user.Pull("--to", "plain"));
        Assert.Equal((1, ""), (error.ExitCode, error.Out));
        Assert.EndsWith(
            $"error: plain/config.json: stands here and is not the file of {Hub.Model}; nothing was written\n" +
            "hint: name another folder, or remove what stands there\n", error.Error);
        Assert.Equal("{}", File.ReadAllText(Rlab["plain/config.json"]));
        Assert.False(File.Exists(Rlab["plain/tokenizer.json"]));

        Rlab.Write("file", "text");
        Assert.Equal("error: --to: expected a folder, found a file: file\n",
            await Rlab.Fail(_user.Pull("--to", "file")));
    }

    [Fact]
    public async Task Two_pulls_at_once_download_each_file_once()
    {
        Hub.Fault = async (request, response, file, end) =>
        {
            // Long enough that the other one comes to the lock meanwhile.
            await Task.Delay(300, end);
            return false;
        };
        var both = await Task.WhenAll(Rlab.Run(_user.Pull()), Rlab.Run(_user.Pull()));
        Assert.All(both, r => Assert.Equal((0, _user.Snapshot + "\n"), (r.ExitCode, r.Out)));
        Assert.Equal(HubUser.Needed.Length, Hub.Downloads.Count);
        foreach (var path in HubUser.Needed) Assert.Equal(Hub.Files[path], _user.Pulled(path));
    }

    [Fact]
    public async Task A_terminal_gets_a_progress_bar_and_stdout_the_folder_alone()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && OperatingSystem.IsLinux(),
            "needs util-linux' script, which makes a terminal");
        Hub.Fault = async (request, response, file, end) =>
        {
            // Longer than the bar's period.
            if (request.IsStorage) await Task.Delay(500, end);
            return false;
        };
        var shown = await CliWrap.Cli.Wrap("/usr/bin/script")
            .WithArguments(["-qec", $"stty cols 100; dotnet \"$RLAB\" model pull {Hub.Model} > folder.txt",
                "/dev/null"])
            .WithWorkingDirectory(Rlab.WorkFolder)
            .WithEnvironmentVariables(Rlab.Variables.Append(new("RLAB", Cli.Tests.Rlab.Program))
                .Append(new("TERM", "xterm-256color")).ToDictionary())
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.Equal(_user.Snapshot + "\n", File.ReadAllText(Rlab["folder.txt"]));
        Assert.Contains("━━━", shown.StandardOutput);
        Assert.Contains("onnx/model.onnx", shown.StandardOutput);
        Assert.Contains("4 of 4 files downloaded, 511.7 KiB", shown.StandardOutput);
        Assert.DoesNotContain("downloading 190.3 KiB", shown.StandardOutput);
    }

    string? Link(string path) => new FileInfo(Path.Combine(_user.Snapshot, path)).LinkTarget;

    /// <summary>Lays files out as huggingface_hub does.</summary>
    void AsPythonWould(params string[] paths)
    {
        Rlab.Write("hf/hub/models--ours--tiny-reranker/refs/main");
        File.WriteAllText(Path.Combine(_user.CacheFolder, "refs", "main"), LocalHub.Commit);
        Directory.CreateDirectory(Path.Combine(_user.CacheFolder, "blobs"));
        foreach (var path in paths)
        {
            File.WriteAllBytes(_user.Blob(path), Hub.Files[path]);
            var link = Path.Combine(_user.Snapshot, path);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, _user.Blob(path)));
        }
    }
}
