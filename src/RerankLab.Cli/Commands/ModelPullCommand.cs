using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Hub;

namespace RerankLab.Cli.Commands;

sealed class ModelPullCommand
{
    [Command("pull", Description =
        "Download a model from a Hugging Face-compatible hub (HF_ENDPOINT, HF_TOKEN) into the cache (HF_HOME); prints the folder.")]
    public async Task<int> Pull(
        [Argument(Name = "ORG/NAME[@REV]",
            Description = "the model on the hub, e.g. BAAI/bge-reranker-base; @REV for a branch, tag or commit")] string model,
        [Option("precision", Description = "which graph: fp32 (default), fp16, int8, …", ValueName = "NAME")] string precision = "fp32",
        [Option("to", Description = "also make a plain folder of it, to copy elsewhere", ValueName = "DIR")] string? to = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null,
        [Option("verbose", Description = "show stack traces")] bool verbose = false)
    {
        var output = OutputFormats.Parse(format);
        var id = HubModelId.TryParse(model)
            ?? throw new UserError($"expected a model on the hub as ORG/NAME or ORG/NAME@REV, found '{model}'",
                "e.g. rlab model pull BAAI/bge-reranker-base");
        var folder = to is null ? null : Path.GetFullPath(to);
        if (File.Exists(folder)) throw new UserError($"--to: expected a folder, found a file: {to}");

        using var interruption = new Interruption();
        try
        {
            var pulled = await DownloadProgress.Show(observer => new ModelPull(id, precision, observer).Run(interruption.Token));
            if (folder is not null) PlainFolder.Write(pulled, folder);
            PullSummary.Write(pulled, folder, output);
            return 0;
        }
        catch (OperationCanceledException)
        {
            Talk.Note("stopped: what has come is kept, and the same command goes on from there");
            return interruption.ExitCode;
        }
    }
}
