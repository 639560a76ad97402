using System.Text.Json;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>The files of a model folder, read and checked, weights aside. What could not be read is null.</summary>
/// <param name="GraphFile">The ONNX file; null for a folder without one.</param>
/// <param name="Graph">What it says.</param>
/// <param name="Signature">How it is fed and read, where it is a cross-encoder.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Config"><c>config.json</c>, where there is one.</param>
/// <param name="Limit">How many tokens the model takes, where it says.</param>
sealed record ModelFiles(
    string? GraphFile, OnnxGraph? Graph, CrossEncoderSignature? Signature, TokenizerFile? Tokenizer, ModelConfig? Config, TokenLimit? Limit)
{
    const string FetchAgain = "was the download interrupted? Fetch the file again, and compare its size with the source's";

    /// <summary>Reads the folder around a graph, and reports everything that is wrong with it.</summary>
    public static ModelFiles Read(ScorerSpec spec, string? graphFile, Problems problems)
    {
        string folder = spec.Model.FullPath, shown = spec.Model.Shown, file = Path.GetFileName(graphFile) ?? "";
        var tokenizer = Reading(Path.Combine(folder, "tokenizer.json"), () => TokenizerFile.Read(folder), out bool tokenizerIsGood);
        var config = Reading(Path.Combine(folder, "config.json"), () => ModelConfig.Read(folder), out bool configIsGood);
        var graph = graphFile is null ? null : Reading(graphFile, () => OnnxGraphFile.Read(graphFile), out _);

        var signature = graph is null ? null : CrossEncoderSignature.Of(graph, file, problem => problems.Add(shown, null, problem));
        foreach (var name in graph?.DataFiles ?? [])
            CheckDataFile(Beside(graphFile!, name), name, graph!.DataBytes.GetValueOrDefault(name));
        if (config?.Labels > 2 && signature is not null)
            problems.Add(shown, null,
                $"config.json names {config.Labels} labels: this is a classifier (of inference, NLI?), not a reranker, which has 1 or 2");

        var limit = TokenLimit.Of(tokenizer, config);
        if (limit is null && spec.MaxLength is null && tokenizerIsGood && configIsGood)
            problems.Add(shown, null, "the model does not say how many tokens it takes; declare scorer.max_length");
        if (spec.MaxLength > limit?.Tokens)
            problems.Add(shown, null, $"scorer.max_length is {spec.MaxLength}, but the model takes at most {limit!.Tokens} tokens");
        return new ModelFiles(graphFile, graph, signature, tokenizer, config, limit);

        void CheckDataFile(string path, string name, long bytes)
        {
            if (RealFile.Of(path) is not { Exists: true } dataFile)
                problems.Add(shown, null, $"the data file '{name}', which {file} names, is missing: the weights are not here",
                    $"download {name} too, into the folder of {file} and under this very name");
            else if (LfsPointer.Is(path)) AddPointer(path);
            else if (dataFile.Length < bytes)
                problems.Add(shown, null,
                    $"the data file '{name}' is cut off: {file} needs {bytes} bytes of it, it has {dataFile.Length}", FetchAgain);
        }

        void AddPointer(string path) => problems.Add(shown, null, $"{Path.GetFileName(path)} is a Git LFS pointer, not the file itself",
            "run 'git lfs pull' where it was cloned, or download the file");

        T? Reading<T>(string path, Func<T?> read, out bool good) where T : class
        {
            good = true;
            try
            {
                if (!LfsPointer.Is(path)) return read();
                AddPointer(path);
            }
            catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
            {
                problems.Add(shown, null, $"a JSON file of this folder has another shape than expected: {e.Message}");
            }
            catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
            {
                problems.Add(shown, null, e.Message, path == graphFile && e is InvalidDataException ? FetchAgain : null);
            }
            good = false;
            return null;
        }
    }

    /// <summary>The full path of a data file that a graph names.</summary>
    public static string Beside(string graphFile, string dataFile) => Path.Combine(Path.GetDirectoryName(graphFile)!, dataFile);
}
