using System.Text.Json.Nodes;
using RerankLab.Core.Hub;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>A cross-encoder in a folder of Hugging Face layout, checked and fingerprinted but not loaded.</summary>
/// <param name="Identity">The scorer that this folder makes with the settings declared.</param>
/// <param name="GraphFile">The ONNX file.</param>
/// <param name="Signature">How the graph is fed and read.</param>
/// <param name="Tokenizer">The tokenizer, read.</param>
/// <param name="PaddingId">The id that fills a batch up: config.json's (RoBERTa's graphs count positions by it), else the tokenizer's.</param>
/// <param name="MaxLength">Tokens a pair, special ones included.</param>
/// <param name="Truncation">How longer pairs are cut.</param>
/// <param name="Config">What config.json says; null where there is none.</param>
public sealed record OnnxModel(
    ScorerIdentity Identity, string GraphFile, CrossEncoderSignature Signature, TokenizerFile Tokenizer, int PaddingId, int MaxLength, Truncation Truncation,
    ModelConfig? Config);

/// <summary>
/// Finds the files of a model folder: <c>onnx/model.onnx</c> or <c>model.onnx</c> (for other precisions
/// <c>model_fp16.onnx</c>, <c>model_int8.onnx</c> or <c>model_quantized.onnx</c>, …), the data files that the graph
/// names, <c>tokenizer.json</c> or <c>vocab.txt</c>, <c>config.json</c>, <c>tokenizer_config.json</c>.
/// </summary>
public static class OnnxModelFolder
{
    /// <summary>Raised whenever the ids that we make of a text can change, so that scores of before are not reused.</summary>
    const int Encoder = 3;

    /// <summary>How the logit is read from the graph's output; see <see cref="OnnxPairScorer"/>.</summary>
    const string OutputRule = "logits: [b,1] or [b] as is, [b,2] as l1-l0";

    /// <summary>What is not on this machine, for a model that <see cref="Open"/> did not find.</summary>
    public static string DescribeAbsence(ScorerSpec spec) => Directory.Exists(spec.Model.FullPath)
        ? $"{spec.Model.Shown} has {DescribeMissingGraph(spec)}"
        : new ModelReference(spec.Model, spec.HubModel).Absence;

    /// <summary>Which graph the folder lacks, and what it has instead.</summary>
    internal static string DescribeMissingGraph(ScorerSpec spec) =>
        $"no graph for precision {spec.Precision} (looked for {string.Join(", ", GraphNames(spec.Precision))}); " +
        (Precisions(spec.Model.FullPath) is { Count: > 0 } present ? $"it has {string.Join(", ", present)}"
            : OtherGraphs(spec.Model.FullPath) is { Count: > 0 } others
                ? $"it has {string.Join(", ", others)}: rename the one you mean to model.onnx"
            : "it has no graph at all");

    /// <summary>
    /// Reads, checks and fingerprints the folder; null where folder or graph are not on this machine, and, with problems,
    /// where something else is missing or wrong.
    /// </summary>
    public static OnnxModel? Open(ScorerSpec spec, FileHashes hashes, Problems problems) =>
        GraphFile(spec) is { } graph ? Identify(spec, ModelFiles.Read(spec, graph, problems), hashes, problems) : null;

    /// <summary>Fingerprints what was read; null where something is wrong.</summary>
    internal static OnnxModel? Identify(ScorerSpec spec, ModelFiles files, FileHashes hashes, Problems problems)
    {
        if (!problems.None
            || files is not { GraphFile: { } graphFile, Graph: { } graph, Signature: { } signature, Tokenizer: { } tokenizer }) return null;
        try
        {
            int maxLength = spec.MaxLength ?? files.Limit!.Tokens;
            var fields = new Dictionary<string, JsonNode>
            {
                ["graph"] = hashes.Of(graphFile),
                ["data"] = new JsonObject(graph.DataFiles.Order(StringComparer.Ordinal)
                    .Select(f => KeyValuePair.Create(f, (JsonNode?)hashes.Of(ModelFiles.Beside(graphFile, f))))),
                ["tokenizer"] = tokenizer.Identity(hashes),
                ["encoder"] = Encoder,
                ["max_length"] = maxLength,
                ["truncation"] = spec.Truncation.Name(),
                ["template"] = tokenizer.Template.Text,
                ["output"] = OutputRule,
            };
            if (graph.IsDynamicallyQuantised) fields["approximate"] = "dynamic quantisation";
            var identity = ScorerIdentity.Of("onnx", spec.Name, spec.Precision, fields);
            int paddingId = (int?)files.Config?.PaddingId ?? tokenizer.PaddingId;
            return new OnnxModel(identity, graphFile, signature, tokenizer, paddingId, maxLength, spec.Truncation, files.Config);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(spec.Model.Shown, null, e.Message);
            return null;
        }
    }

    /// <summary>The graph of the precision declared; null where the folder has none.</summary>
    internal static string? GraphFile(ScorerSpec spec) =>
        GraphNames(spec.Precision).Select(n => Path.Combine(spec.Model.FullPath, n)).FirstOrDefault(File.Exists);

    /// <summary>The files that may hold the graph of a precision, relative to the folder, in the order in which they are looked for.</summary>
    public static IEnumerable<string> GraphNames(string precision)
    {
        string[] names = precision switch
        {
            "fp32" => ["model.onnx"],
            "int8" => ["model_int8.onnx", "model_quantized.onnx"],
            _ => [$"model_{precision}.onnx"],
        };
        return names.SelectMany(n => new[] { $"onnx/{n}", n });
    }

    /// <summary>The tokenizer of a folder that need not have a graph.</summary>
    /// <param name="reference">The model.</param>
    /// <param name="maxLength">Tokens a pair, special ones included; null for the model's own limit.</param>
    /// <param name="truncation">How longer pairs are cut.</param>
    /// <returns>The encoder, and whether the model takes token types (where there is no graph, it may).</returns>
    /// <exception cref="UserError">There is no tokenizer that rlab knows, or the length is none that the model takes.</exception>
    public static (PairEncoder Encoder, bool TakesTypes) OpenTokenizer(ModelReference reference, int? maxLength, Truncation truncation)
    {
        var model = reference.Folder;
        if (!Directory.Exists(model.FullPath))
            throw new UserError(reference.Absence, reference.PullCommand() is { } pull ? $"if it is one of the hub: {pull}" : null);
        try
        {
            var tokenizer = TokenizerFile.Read(model.FullPath);
            int? limit = TokenLimit.Of(tokenizer, ModelConfig.Read(model.FullPath))?.Tokens;
            if (maxLength > limit) throw new UserError($"the length is {maxLength}, but the model takes at most {limit} tokens");
            int length = maxLength ?? limit ?? throw new UserError("the model does not say how many tokens it takes; give --max-length");
            var graph = Precisions(model.FullPath).SelectMany(GraphNames).Select(n => Path.Combine(model.FullPath, n)).FirstOrDefault(File.Exists);
            return (new PairEncoder(tokenizer, length, truncation),
                graph is null || OnnxGraphFile.Read(graph).Inputs.Any(i => i.Name == "token_type_ids"));
        }
        catch (InvalidDataException e)
        {
            throw new UserError($"{model.Shown}: {e.Message}");
        }
    }

    /// <summary>ONNX files of other names, relative to the folder.</summary>
    static List<string> OtherGraphs(string folder) =>
        [.. new[] { Path.Combine(folder, "onnx"), folder }.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.onnx"))
            .Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)];

    /// <summary>The precision that is meant where none is named: fp32, unless the folder has others only.</summary>
    public static string UsualPrecision(string folder)
    {
        const string usual = "fp32";
        var present = Precisions(folder);
        return present.Count == 0 || present.Contains(usual) ? usual : present[0];
    }

    /// <summary>The precisions that a folder has graphs for, by name: <c>fp32</c>, <c>fp16</c>, …</summary>
    public static IReadOnlyList<string> Precisions(string folder) => PrecisionsAmong(
        new[] { Path.Combine(folder, "onnx"), folder }.Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "model*.onnx")).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')));

    /// <summary>The precisions that files are graphs for.</summary>
    /// <param name="files">Paths relative to the model folder, with slashes.</param>
    public static IReadOnlyList<string> PrecisionsAmong(IEnumerable<string> files)
    {
        const string prefix = "model_";
        return [.. files.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal) && Path.GetDirectoryName(f) is ("" or "onnx"))
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => n == "model" || n.StartsWith(prefix, StringComparison.Ordinal))
            .Select(n => n switch { "model" => "fp32", "model_quantized" => "int8", _ => n[prefix.Length..] })
            .Distinct().Order(StringComparer.Ordinal)];
    }
}
