namespace RerankLab.Cli.Tests.Hub;

/// <summary><c>rlab model pull</c> where it cannot be done: who may see what, and what there is to see.</summary>
public sealed class PullRefusalTests : IDisposable
{
    readonly HubUser _user = new();

    Rlab Rlab => _user.Rlab;

    LocalHub Hub => _user.Hub;

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task The_token_goes_to_the_hub_through_its_redirects_and_not_to_the_storage()
    {
        Hub.Token = Rlab.Variables["HF_TOKEN"] = "hf_secret";
        var result = await Rlab.Succeed(_user.Pull());
        Assert.All(Hub.Requests, r => Assert.Equal(r.IsStorage ? null : "hf_secret", r.Token));
        Assert.Single(Hub.Requests, r => r.IsStorage);
        Assert.Equal(3, Hub.Requests.Count(r => r.Path.Contains("/resolve-cache/")));
        Assert.DoesNotContain("hf_secret", result.Out + result.Error);
    }

    [Theory]
    [InlineData("hf/token", null, null)]
    [InlineData("my-token", "HF_TOKEN_PATH", "my-token")]
    public async Task The_token_that_hf_auth_login_left_will_do(string file, string? variable, string? value)
    {
        Hub.Token = "hf_secret";
        Rlab.Write(file, "hf_secret");
        if (variable is not null) Rlab.Variables[variable] = Rlab[value!];
        await Rlab.Succeed(_user.Pull());
    }

    [Theory]
    [InlineData(null, "error: ours/tiny-reranker is gated: ENDPOINT gives it only to those who accepted its terms\n" +
        "hint: accept them on ENDPOINT/ours/tiny-reranker, then set HF_TOKEN to a token of yours " +
        "(make one at ENDPOINT/settings/tokens) " +
        "or run `hf auth login`\n")]
    [InlineData("hf_secret",
        "error: ours/tiny-reranker is gated: ENDPOINT gives it only to those who accepted its terms\n" +
        "hint: accept them on ENDPOINT/ours/tiny-reranker with the account of your token (HF_TOKEN)\n")]
    public async Task A_gated_model_says_where_its_terms_are(string? token, string error)
    {
        (Hub.Token, Hub.IsGated, Rlab.Variables["HF_TOKEN"]) = ("hf_secret", true, token);
        Assert.Equal(error.Replace("ENDPOINT", Hub.Endpoint), await Rlab.Fail(_user.Pull()));
        Assert.False(Directory.Exists(Rlab["hf"]));
    }

    [Fact]
    public async Task A_token_that_is_no_longer_good_is_said_to_be_so()
    {
        Rlab.Variables["HF_TOKEN"] = "hf_old";
        Assert.Equal($"error: {Hub.Endpoint} does not accept the token sent\n" +
            "hint: is HF_TOKEN, or the token that `hf auth login` left, still good?\n", await Rlab.Fail(_user.Pull()));
    }

    [Theory]
    [InlineData(null, "hint: check the spelling; for a private model set HF_TOKEN ")]
    [InlineData("hf_secret", "hint: check the spelling; does the account of your token (HF_TOKEN) see it?\n")]
    public async Task A_model_that_is_not_there_may_be_private(string? token, string hint)
    {
        Hub.Token = Rlab.Variables["HF_TOKEN"] = token;
        var error = await Rlab.Fail("model", "pull", "no/such-model");
        Assert.StartsWith($"error: there is no model no/such-model on {Hub.Endpoint}, or it is private\n{hint}", error);
    }

    [Fact]
    public async Task A_revision_that_is_not_there_is_named() =>
        Assert.Equal($"error: {Hub.Model} has no revision 'v9'\n" +
            $"hint: its branches and tags: {Hub.Endpoint}/{Hub.Model}/tree/main\n",
            await Rlab.Fail("model", "pull", $"{Hub.Model}@v9"));

    [Theory]
    [InlineData("no/such-model", "error: there is no model no/such-model on ENDPOINT\n")]
    [InlineData("ours/tiny-reranker@v9",
        "error: there is no model ours/tiny-reranker on ENDPOINT, or it has no revision 'v9'\n")]
    public async Task Of_a_hub_that_gives_no_reasons_the_status_says_what_it_can(string model, string error)
    {
        Hub.Token = Rlab.Variables["HF_TOKEN"] = "hf_secret";
        Hub.GivesNoCodes = true;
        Assert.StartsWith(error.Replace("ENDPOINT", Hub.Endpoint), await Rlab.Fail("model", "pull", model));

        Hub.IsGated = true;
        Assert.StartsWith($"error: {Hub.Endpoint} does not give {Hub.Model} to you\n" +
            "hint: may your token (HF_TOKEN) read it? A gated model's terms are accepted on ",
            await Rlab.Fail(_user.Pull()));
    }

    [Fact]
    public async Task A_model_without_a_graph_says_what_it_has_and_how_to_export()
    {
        foreach (var graph in Hub.Files.Keys.Where(f => f.Contains(".onnx")).ToList()) Hub.Files.Remove(graph);
        Assert.Equal("error: ours/tiny-reranker on the hub has no ONNX graph " +
            "(looked for onnx/model.onnx, model.onnx); " +
            "it has model.safetensors, pytorch_model.bin\n" +
            "hint: export it with Python's optimum: optimum-cli export onnx --model ours/tiny-reranker " +
            "--task text-classification tiny-reranker; " +
            "then scorer.model is that folder, tiny-reranker\n", await Rlab.Fail(_user.Pull()));
        Assert.Empty(Hub.Downloads);
    }

    [Fact]
    public async Task A_precision_that_the_model_lacks_is_answered_with_those_it_has()
    {
        Assert.Equal("error: ours/tiny-reranker on the hub has no graph for precision bf16 " +
            "(looked for onnx/model_bf16.onnx, model_bf16.onnx); " +
            "it has fp16, fp32, int8\nhint: choose one: --precision fp16\n",
            await Rlab.Fail(_user.Pull("--precision", "bf16")));
        Assert.Empty(Hub.Downloads);
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_that_rlab_reads_is_not_downloaded()
    {
        Hub.Files.Remove("tokenizer.json");
        Assert.StartsWith("error: ours/tiny-reranker on the hub has no tokenizer that rlab reads; " +
            "expected tokenizer.json or vocab.txt\nhint: ",
            await Rlab.Fail(_user.Pull()));
        Assert.Empty(Hub.Downloads);
    }

    [Fact]
    public async Task Weights_that_the_graph_names_and_the_model_lacks_are_named()
    {
        _user.HasExternalWeights("weights.onnx_data");
        Hub.Files.Remove("onnx/weights.onnx_data");
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Contains("error: ours/tiny-reranker on the hub lacks onnx/weights.onnx_data, " +
            "which onnx/model.onnx names", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_user.CacheFolder, "refs")));
    }

    [Fact]
    public async Task A_graph_that_names_weights_outside_its_folder_is_refused()
    {
        _user.HasExternalWeights("../../../../weights");
        Hub.Files.Remove("onnx/../../../../weights");
        var result = (await Rlab.Run(_user.Pull())).MustExitWith(1);
        Assert.Contains("error: ours/tiny-reranker: model.onnx names a data file outside its folder: " +
            "'../../../../weights'\n", result.Error);
    }

    [Theory]
    [InlineData("../../escaped/config.json")]
    [InlineData("/etc/config.json")]
    [InlineData("a\\\\..\\\\config.json")]
    [InlineData("a//config.json")]
    public async Task Names_that_lead_out_of_the_folder_are_refused(string path)
    {
        Hub.ApiAnswer = $$"""{"sha": "{{LocalHub.Commit}}", "siblings": [{"rfilename": "{{path}}"}]}""";
        Assert.StartsWith("error: the hub names a file outside the model's folder: '", await Rlab.Fail(_user.Pull()));
        Hub.ApiAnswer = """{"sha": "../../escaped", "siblings": []}""";
        Assert.StartsWith("error: the hub gives a commit that is none: '../../escaped'\n",
            await Rlab.Fail(_user.Pull()));
        Assert.Empty(Hub.Downloads);
    }

    [Theory]
    [InlineData("<html>Please log in</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task What_is_no_hub_is_said_to_be_none(string answer)
    {
        Hub.ApiAnswer = answer;
        Assert.StartsWith($"error: {Hub.Endpoint} does not answer as a Hugging Face-compatible hub does\n" +
            "hint: check HF_ENDPOINT; ", await Rlab.Fail(_user.Pull()));
    }

    [Fact]
    public async Task A_hub_that_cannot_be_reached_is_named_at_once()
    {
        Rlab.Variables["HF_ENDPOINT"] = "http://127.0.0.1:1";
        var error = await Rlab.Fail(_user.Pull());
        Assert.StartsWith("error: http://127.0.0.1:1 cannot be reached: Connection refused", error);
        Assert.Contains("\nhint: check the network and the proxy (HTTPS_PROXY); " +
            "HF_ENDPOINT names another hub or a mirror", error);
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "hf-mirror.com", "an address such as https://huggingface.co, found 'hf-mirror.com'")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT", "soon", "a whole number of seconds, at least 1, found 'soon'")]
    [InlineData("HF_TOKEN", "hf_ä", "a token such as hf_…, found other characters than a token has")]
    public async Task A_variable_that_cannot_be_meant_is_named(string variable, string value, string expected)
    {
        Rlab.Variables[variable] = value;
        Assert.Equal($"error: {variable}: expected {expected}\n", await Rlab.Fail(_user.Pull()));
    }

    [Theory]
    [InlineData("tiny-reranker")]
    [InlineData("ours/tiny--reranker")]
    [InlineData("ours/../tiny")]
    [InlineData("ours/tiny@")]
    [InlineData("ours/tiny@../../main")]
    [InlineData("https://huggingface.co/ours/tiny")]
    public async Task What_is_no_name_of_a_model_is_refused(string name)
    {
        Assert.Equal($"error: expected a model on the hub as ORG/NAME or ORG/NAME@REV, found '{name}'\n" +
            "hint: e.g. rlab model pull BAAI/bge-reranker-base\n",
            await Rlab.Fail("model", "pull", name));
        Assert.Empty(Hub.Requests);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        Rlab.Write("hf", "a file where the folder should be");
        var error = await Rlab.Fail(_user.Pull());
        Assert.Contains(Rlab["hf"], error);
        Assert.EndsWith("\nhint: HF_HOME or HF_HUB_CACHE names another folder for the cache; " +
            "what has come is kept\n", error);
    }
}
