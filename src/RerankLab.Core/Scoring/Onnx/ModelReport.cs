using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>A file of a model folder.</summary>
/// <param name="Name">Its name, relative to the folder.</param>
/// <param name="Bytes">Its size; null where it is missing.</param>
public sealed record ModelFile(string Name, long? Bytes);

/// <summary>What a model folder holds, whether or not rlab can score with it. What could not be read is null.</summary>
public sealed record ModelReport
{
    /// <summary>Long pairs cost more than their share: beyond this, a limit is best declared.</summary>
    const int CommonLength = 512;

    /// <summary>The check that findings are of.</summary>
    public const string Check = "model";

    /// <summary>What was looked at.</summary>
    public required ScorerSpec Spec { get; init; }

    /// <summary>The precisions that the folder has graphs for.</summary>
    public required IReadOnlyList<string> Precisions { get; init; }

    public required ModelFile? GraphFile { get; init; }
    public required OnnxGraph? Graph { get; init; }
    public required CrossEncoderSignature? Signature { get; init; }

    /// <summary>The data files that the graph names.</summary>
    public required IReadOnlyList<ModelFile> DataFiles { get; init; }

    public required ModelConfig? Config { get; init; }
    public required TokenizerFile? Tokenizer { get; init; }

    /// <summary>How many tokens the model takes, and what says so.</summary>
    public required TokenLimit? Limit { get; init; }

    /// <summary>The model as <c>rlab run</c> would use it; null where there is a problem.</summary>
    public required OnnxModel? Model { get; init; }

    /// <summary>Problems first, then warnings.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Bytes of graph and data files.</summary>
    public long WeightBytes => (GraphFile?.Bytes ?? 0) + DataFiles.Sum(f => f.Bytes ?? 0);

    /// <summary>The id that fills a batch up, where a file says one.</summary>
    public long? PaddingId => Config?.PaddingId ?? Tokenizer?.PaddingId;

    /// <summary>Reads a folder.</summary>
    /// <param name="spec">The folder, and how it would be used.</param>
    /// <param name="hashes">Remembered hashes of big files.</param>
    /// <exception cref="UserError">There is no such folder, or nothing of a model in it.</exception>
    public static ModelReport Read(ScorerSpec spec, FileHashes hashes)
    {
        var folder = spec.Model.FullPath;
        if (!Directory.Exists(folder)) throw new UserError(OnnxModelFolder.DescribeAbsence(spec));
        var problems = new Problems();
        var graphFile = OnnxModelFolder.GraphFile(spec);
        if (graphFile is null)
            problems.Add(spec.Model.Shown, null, $"the folder has {OnnxModelFolder.DescribeMissingGraph(spec)}",
                "export the model to ONNX (optimum-cli export onnx), or name a precision that is there");
        var files = ModelFiles.Read(spec, graphFile, problems);
        if (files is { Graph: null, Tokenizer: null, Config: null })
            problems.ThrowIfAny("name the folder that holds config.json, tokenizer.json and the ONNX graph");
        var model = OnnxModelFolder.Identify(spec, files, hashes, problems);
        ScorerResolver.CheckFingerprint(spec, model, problems);
        return new ModelReport
        {
            Spec = spec,
            Precisions = OnnxModelFolder.Precisions(folder),
            GraphFile = graphFile is null ? null : FileAt(graphFile),
            Graph = files.Graph,
            Signature = files.Signature,
            DataFiles = [.. files.Graph?.DataFiles.Select(f => FileAt(ModelFiles.Beside(graphFile!, f))) ?? []],
            Config = files.Config,
            Tokenizer = files.Tokenizer,
            Limit = files.Limit,
            Model = problems.None ? model : null,
            Findings = [.. problems.Found.Select(p => Finding.Problem(Check, p.Text, p.Remedy)), .. Warnings(spec, files)],
        };

        ModelFile FileAt(string path) =>
            new(Path.GetRelativePath(folder, path), RealFile.Of(path) is { Exists: true } file ? file.Length : null);
    }

    /// <summary>What rlab scores with, and is likely to be wrong or slow.</summary>
    static IEnumerable<Finding> Warnings(ScorerSpec spec, ModelFiles files) =>
        [.. OfConfig(files), .. OfTokenizer(files.Tokenizer, files.Config, files.Graph), .. OfGraph(files), .. OfLength(spec, files.Limit)];

    static IEnumerable<Finding> OfConfig(ModelFiles files)
    {
        var config = files.Config;
        if (config is null)
            yield return Warning("there is no config.json: the model's limit, padding id and labels are not known",
                "bring the model's own config.json");
        if (config?.Architecture is { } architecture && !architecture.EndsWith("ForSequenceClassification", StringComparison.Ordinal))
            yield return Warning($"config.json says {architecture}; a cross-encoder is a …ForSequenceClassification",
                architecture.EndsWith("ForCausalLM", StringComparison.Ordinal)
                    ? "a decoder reranker must be exported as a sequence classifier"
                    : "if this is an embedding model (a bi-encoder) or a language model, take its reranker instead");
        if (config?.Labels is 1 or 2 && files is { Graph: { } graph, Signature: { } signature }
            && Columns(graph, signature) is { } columns && columns != config.Labels)
            yield return Warning($"config.json names {config.Labels} labels, but the graph gives {columns}",
                "bring the config.json that the graph was exported with");
    }

    static IEnumerable<Finding> OfTokenizer(TokenizerFile? tokenizer, ModelConfig? config, OnnxGraph? graph)
    {
        const string remedy = "bring the tokenizer.json of this very model";
        if (tokenizer is null) yield break;
        var (tokens, known) = (tokenizer.VocabularySize, config?.VocabularySize);
        if (tokens > known)
            yield return Warning($"the tokenizer's ids reach {tokens - 1}, but the model knows {known} tokens (vocab_size): " +
                "a text with a higher id makes it fail", remedy);
        // Vocabularies are rounded up, but not by much.
        if (tokens < known * 0.9)
            yield return Warning($"the tokenizer has {tokens} tokens, but the model knows {known} (vocab_size): " +
                "it may be another model's, and then every score means nothing", remedy);
        if (graph?.Inputs.Any(i => i.Name == "token_type_ids") == true && tokenizer.Template.TypeOneFrom is not null
            && config?.TypeVocabularySize < 2)
            yield return Warning("the tokenizer gives passages token type 1, but the model knows one type (type_vocab_size)", remedy);
        if (tokenizer.Template.SpecialTokens == 0)
            yield return Warning($"the tokenizer puts no special tokens around a pair ({tokenizer.Template.Text}): " +
                "the model cannot tell query from passage", "bring a tokenizer.json whose post_processor has a pair template");
    }

    static IEnumerable<Finding> OfGraph(ModelFiles files)
    {
        if (files.Signature is { } signature && !signature.Inputs.Contains("attention_mask"))
            yield return Warning("the graph takes no attention_mask: padding may change scores",
                "export it with attention_mask, or set run.batch_tokens: 1");
        if (files.Graph?.IsDynamicallyQuantised == true)
            yield return Warning("dynamic quantisation: a score depends a little on the other pairs of its batch",
                "use fp16 or fp32 where scores shall not");
    }

    static IEnumerable<Finding> OfLength(ScorerSpec spec, TokenLimit? limit)
    {
        if (spec.MaxLength is null && limit?.Tokens > CommonLength)
            yield return Warning($"no max_length is declared, and the model takes {limit.Tokens} tokens: long pairs are slow, " +
                "and need much memory", "set scorer.max_length: 512, unless the passages need more");
    }

    static Finding Warning(string found, string remedy) => Finding.Warning(Check, found, remedy);

    /// <summary>Labels of the graph's output, where its shape says so.</summary>
    static long? Columns(OnnxGraph graph, CrossEncoderSignature signature) =>
        graph.Outputs.First(o => o.Name == signature.Output).Shape switch { [_] or [_, "1"] => 1, [_, "2"] => 2, _ => null };
}
