using System.Text.Json.Nodes;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>A cross-encoder in a folder of Hugging Face layout, checked and fingerprinted but not loaded.</summary>
/// <param name="Identity">The scorer that this folder makes with the settings declared.</param>
/// <param name="GraphFile">The ONNX file.</param>
/// <param name="Tokenizer">The tokenizer, read.</param>
/// <param name="MaxLength">Tokens a pair, special ones included.</param>
/// <param name="Truncation">How longer pairs are cut.</param>
public sealed record OnnxModel(ScorerIdentity Identity, string GraphFile, TokenizerFile Tokenizer, int MaxLength, Truncation Truncation);

/// <summary>
/// Finds the files of a model folder: <c>onnx/model.onnx</c> or <c>model.onnx</c> (for other precisions
/// <c>model_fp16.onnx</c>, <c>model_int8.onnx</c> or <c>model_quantized.onnx</c>, …), the data files that the graph
/// names, <c>tokenizer.json</c> or <c>vocab.txt</c>, <c>config.json</c>, <c>tokenizer_config.json</c>.
/// </summary>
public static class OnnxModelFolder
{
    /// <summary>Raised whenever the ids that we make of a text can change, so that scores of before are not reused.</summary>
    const int Encoder = 2;

    /// <summary>How the logit is read from the graph's output; see <see cref="OnnxPairScorer"/>.</summary>
    const string OutputRule = "logits: [b,1] or [b] as is, [b,2] as l1-l0";

    /// <summary>What is not on this machine, for a model that <see cref="Open"/> did not find.</summary>
    public static string DescribeAbsence(ScorerSpec spec) => Directory.Exists(spec.Model.FullPath)
        ? $"{spec.Model.Shown} has no graph for precision {spec.Precision} (looked for {string.Join(", ", GraphNames(spec.Precision))})"
        : $"there is no model folder {spec.Model.Shown}";

    /// <summary>
    /// Reads and fingerprints the folder; null where folder or graph are not on this machine, and, with problems, where
    /// something else is missing or wrong.
    /// </summary>
    public static OnnxModel? Open(ScorerSpec spec, FileHashes hashes, Problems problems)
    {
        string folder = spec.Model.FullPath, shown = spec.Model.Shown;
        if (GraphFile(spec) is not { } graph) return null;
        try
        {
            var tokenizer = TokenizerFile.Read(folder);
            var config = ReadJson(Path.Combine(folder, "config.json"));
            var dataFiles = OnnxGraphFile.ExternalDataFiles(graph);
            foreach (var missing in dataFiles.Where(f => !File.Exists(Beside(graph, f))))
                problems.Add(shown, null, $"the data file '{missing}', which {Path.GetFileName(graph)} names, is missing: the weights are not here");
            if (MaxLength(spec, tokenizer, config, problems) is not { } maxLength || !problems.None) return null;

            var identity = ScorerIdentity.Of("onnx", spec.Name, spec.Precision, new Dictionary<string, JsonNode>
            {
                ["graph"] = hashes.Of(graph),
                ["data"] = new JsonObject(dataFiles.Order(StringComparer.Ordinal)
                    .Select(f => KeyValuePair.Create(f, (JsonNode?)hashes.Of(Beside(graph, f))))),
                ["tokenizer"] = tokenizer.Identity(hashes),
                ["encoder"] = Encoder,
                ["max_length"] = maxLength,
                ["truncation"] = spec.Truncation.Name(),
                ["template"] = tokenizer.Template.Text,
                ["output"] = OutputRule,
            });
            return new OnnxModel(identity, graph, tokenizer, maxLength, spec.Truncation);
        }
        catch (InvalidOperationException e)
        {
            problems.Add(shown, null, $"a JSON file of this folder has another shape than expected: {e.Message}");
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
        {
            problems.Add(shown, null, e.Message);
            return null;
        }
    }

    static string? GraphFile(ScorerSpec spec) =>
        GraphNames(spec.Precision).Select(n => Path.Combine(spec.Model.FullPath, n)).FirstOrDefault(File.Exists);

    static IEnumerable<string> GraphNames(string precision)
    {
        string[] names = precision switch
        {
            "fp32" => ["model.onnx"],
            "int8" => ["model_int8.onnx", "model_quantized.onnx"],
            _ => [$"model_{precision}.onnx"],
        };
        return names.SelectMany(n => new[] { $"onnx/{n}", n });
    }

    /// <summary>The declared length, or the model's own limit; a declared one above that limit is a problem.</summary>
    static int? MaxLength(ScorerSpec spec, TokenizerFile tokenizer, JsonNode? config, Problems problems)
    {
        // Tokenizers without a limit declare a huge number.
        var limits = new[] { tokenizer.ModelMaxLength, (long?)config?["max_position_embeddings"] }.Where(l => l is > 0 and < 1_000_000).ToList();
        long? limit = limits.Count == 0 ? null : limits.Min();
        if (limit is null && spec.MaxLength is null)
            problems.Add(spec.Model.Shown, null, "the model does not say how many tokens it takes; declare scorer.max_length");
        if (spec.MaxLength > limit)
            problems.Add(spec.Model.Shown, null, $"scorer.max_length is {spec.MaxLength}, but the model takes at most {limit} tokens");
        return spec.MaxLength ?? (int?)limit;
    }

    static JsonNode? ReadJson(string path) => File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) : null;

    static string Beside(string graph, string dataFile) => Path.Combine(Path.GetDirectoryName(graph)!, dataFile);
}
