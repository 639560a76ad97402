using Cocona;
using RerankLab.Core.Datasets;
using RerankLab.Core.Hub;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Cli.Commands;

sealed class ModelTokensCommand
{
    [Command("tokens", Description = "Token ids of pairs: JSON lines {\"query\", \"passage\"} on stdin, {\"input_ids\", \"token_type_ids\", \"truncated\"} on stdout.")]
    public void Tokens(
        [Argument(Description = "the model folder, a tokenizer alone will do; or ORG/NAME after model pull", Name = "MODEL")] string model,
        [Option("max-length", Description = "tokens a pair, special ones included; else the model's own limit", ValueName = "N")] int? maxLength = null,
        [Option("truncation", Description = "longest_first or only_second")] string truncation = "longest_first",
        [Option("verbose", Description = "show stack traces")] bool verbose = false)
    {
        var rule = LengthOptions.Parse(maxLength, truncation);
        var reference = ModelReference.Find(DataFile.FromCommandLine(model), model);
        var (encoder, takesTypes) = OnnxModelFolder.OpenTokenizer(reference, maxLength, rule);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        TokenLines.Write(DataFile.FromCommandLine("-"), encoder, takesTypes, output);
    }
}
