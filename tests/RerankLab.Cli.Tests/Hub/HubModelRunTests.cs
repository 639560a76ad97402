using System.Text;

namespace RerankLab.Cli.Tests.Hub;

/// <summary>Commands that take a model, given the name of one on the hub.</summary>
public sealed class HubModelRunTests : IDisposable
{
    readonly HubUser _user = new();

    Rlab Rlab => _user.Rlab;

    LocalHub Hub => _user.Hub;

    public HubModelRunTests() => Rlab.WithDemo();

    public void Dispose() => _user.Dispose();

    Task<RlabResult> Run(string model, params string[] more) =>
        Rlab.Run(["run", "demo/base.yaml", "--format", "json", "--set", $"scorer.model={model}", .. more]);

    [Fact]
    public async Task After_a_pull_an_experiment_runs_by_the_hubs_name_and_asks_no_hub()
    {
        await Rlab.Succeed(_user.Pull());
        Hub.Forget();
        var byName = (await Run(Hub.Model)).MustExitWith(0).Json;
        Assert.Equal(1040, (int?)byName["scored"]);
        Assert.Equal("tiny-reranker", Rlab.Single<string>("SELECT name FROM scorer_name"));
        Assert.Empty(Hub.Requests);
        // The same scorer as by any other way to its files.
        var byFolder = (await Run("model")).MustExitWith(0).Json;
        Assert.Equal(((string?)byName["scorer"], 0), ((string?)byFolder["scorer"], (int)byFolder["scored"]!));
        Assert.DoesNotContain(Rlab.WorkFolder, Encoding.UTF8.GetString(File.ReadAllBytes(Rlab.LabFile)));
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData(LocalHub.Commit)]
    public async Task A_revision_is_found_by_its_name_only(string revision)
    {
        await Rlab.Succeed("model", "pull", $"{Hub.Model}@{revision}");
        Assert.Equal(1040, (int?)(await Run($"{Hub.Model}@{revision}")).MustExitWith(0).Json["scored"]);
        var main = (await Run(Hub.Model, "--lab", "other.db")).MustExitWith(1);
        Assert.Contains($"there is no model folder demo/{Hub.Model}, and the hub's cache has no {Hub.Model}\n",
            main.Error);
    }

    [Fact]
    public async Task Without_a_pull_the_hint_is_to_pull()
    {
        var error = (await Run($"{Hub.Model}@v1.0", "--set", "scorer.precision=fp16")).MustExitWith(1).Error;
        Assert.EndsWith("; or bring the model folder here " +
            "(if it is one of the hub: rlab model pull ours/tiny-reranker@v1.0 --precision fp16)\n", error);
        Assert.Empty(Hub.Requests);

        await Rlab.Succeed(_user.Pull());
        error = (await Run(Hub.Model, "--set", "scorer.precision=fp16")).MustExitWith(1).Error;
        Assert.Contains("ours/tiny-reranker has no graph for precision fp16 " +
            "(looked for onnx/model_fp16.onnx, model_fp16.onnx); it has fp32\n", error);
        Assert.EndsWith("(if it is one of the hub: rlab model pull ours/tiny-reranker --precision fp16)\n", error);
    }

    [Fact]
    public async Task A_cached_run_needs_no_cache_of_the_hub()
    {
        await Rlab.Succeed(_user.Pull());
        var cold = (await Run(Hub.Model)).MustExitWith(0);
        Directory.Delete(Rlab["hf"], recursive: true);
        var warm = (await Run(Hub.Model)).MustExitWith(0);
        Assert.Contains("using the lab file's scores of 'tiny-reranker'", warm.Error);
        Assert.Equal(0, (int?)warm.Json["scored"]);
        Assert.Equal(cold.Json["measures"]!.ToJsonString(), warm.Json["measures"]!.ToJsonString());
    }

    [Fact]
    public async Task A_folder_of_that_name_beside_the_experiment_comes_first()
    {
        await Rlab.Succeed(_user.Pull());
        Models.Write(Rlab, $"demo/{Hub.Model}", Models.SumOfIds());
        var folder = (await Run(Hub.Model)).MustExitWith(0);
        Directory.Delete(Rlab["demo/ours"], recursive: true);
        var hub = (await Run(Hub.Model)).MustExitWith(0);
        Assert.NotEqual((string?)folder.Json["scorer"], (string?)hub.Json["scorer"]);
    }

    [Fact]
    public async Task A_plain_folder_is_the_same_scorer_under_its_own_name()
    {
        await Rlab.Succeed(_user.Pull("--to", "demo/plain"));
        var plain = (await Run("plain")).MustExitWith(0);
        Assert.Equal("plain", Rlab.Single<string>("SELECT name FROM scorer_name"));
        Assert.Equal((string?)plain.Json["scorer"], (string?)(await Run(Hub.Model)).MustExitWith(0).Json["scorer"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Weights_in_files_of_their_own_are_found_through_the_caches_links(bool plain)
    {
        _user.HasExternalWeights("model.onnx_data");
        await Rlab.Succeed(_user.Pull("--to", "demo/plain"));
        Assert.Equal(1040, (int?)(await Run(plain ? "plain" : Hub.Model)).MustExitWith(0).Json["scored"]);
    }

    [Fact]
    public async Task Token_ids_can_be_had_by_the_hubs_name()
    {
        var pair = Encoding.UTF8.GetBytes("""{"query": "cold", "passage": "a cold"}""" + "\n");
        var before = await Rlab.RunWithInput(pair, "model", "tokens", Hub.Model);
        Assert.Equal((1, "error: there is no model folder ours/tiny-reranker, " +
            "and the hub's cache has no ours/tiny-reranker\n" +
            "hint: if it is one of the hub: rlab model pull ours/tiny-reranker\n"), (before.ExitCode, before.Error));
        await Rlab.Succeed(_user.Pull());
        var byName = await Rlab.RunWithInput(pair, "model", "tokens", Hub.Model);
        Assert.Equal(await Rlab.RunWithInput(pair, "model", "tokens", "demo/model"), byName);
        Assert.StartsWith("{\"input_ids\":[", byName.Out);
    }
}
