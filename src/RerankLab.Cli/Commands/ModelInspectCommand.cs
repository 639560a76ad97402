using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Cli.Commands;

sealed class ModelInspectCommand
{
    [Command("inspect", Description = "What a model folder holds (graph, tokenizer, limit, fingerprint) and what is wrong with it.")]
    public int Inspect(
        [Argument(Description = "the model folder; or ORG/NAME after model pull", Name = "MODEL")] string model,
        ModelParameters parameters,
        [Option("format", Description = OutputFormats.Description)] string? format = null,
        [Option("verbose", Description = "show stack traces")] bool verbose = false)
    {
        var output = OutputFormats.Parse(format);
        var report = ModelReport.Read(parameters.SpecOf(model), FileHashes.OfThisMachine());
        ModelSummary.Write(report, output);
        return FindingsSummary.Verdict(report.Findings, $"{model}: rlab cannot score with this folder");
    }
}
