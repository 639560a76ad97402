using System.Text;
using RerankLab.Core.Datasets;
using RerankLab.Core.Hub;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Experiments;

/// <summary>Reads experiment files.</summary>
public static class ExperimentFile
{
    /// <param name="file">The YAML file.</param>
    /// <param name="overrides">Assignments such as <c>scorer.max_length=256</c>, which win over the file.</param>
    /// <param name="problems">Receives everything that is wrong; the result is null where too much is.</param>
    public static ExperimentSpec? Read(DataFile file, IReadOnlyList<string> overrides, Problems problems) =>
        ReadText(file, problems) is { } text ? Parse(file, text, overrides, problems) : null;

    /// <param name="file">What holds the text: paths in it are relative to its folder.</param>
    /// <param name="text">The experiment file as written.</param>
    /// <param name="overrides">Assignments that win over the text.</param>
    /// <param name="problems">Receives everything that is wrong; the result is null where too much is.</param>
    public static ExperimentSpec? Parse(DataFile file, string text, IReadOnlyList<string> overrides, Problems problems)
    {
        if (YamlDocumentText.Parse(file, text, problems) is not { } document) return null;
        foreach (var assignment in overrides) document.Override(assignment, problems);

        var root = new YamlSection(document, "", document.Root, problems);
        var name = root.Text("name") ?? Path.GetFileNameWithoutExtension(file.FullPath);
        var dataset = ReadDataset(root.Section("dataset"));
        var scorer = ReadScorer(root.Section("scorer"));
        var ranking = root.Section("ranking");
        var activation = ranking.Choice("activation", Activation.Sigmoid, ("none", Activation.None), ("sigmoid", Activation.Sigmoid));
        ranking.RefuseOthers();
        var measures = root.List("measures", Measure.Parse) ?? Measure.Defaults;
        var cost = ReadCost(root.Section("cost"));
        var tags = root.List("tags", t => t) ?? [];
        var lab = root.File("lab")?.FullPath;
        var (execution, batching) = ReadRun(root.Section("run"));
        root.RefuseOthers();

        return dataset is null || scorer is null ? null : new ExperimentSpec
        {
            File = file,
            Text = text,
            Overrides = overrides,
            Name = name,
            Dataset = dataset,
            Scorer = scorer,
            Activation = activation,
            Measures = measures,
            Cost = cost,
            Tags = tags,
            Lab = lab,
            Execution = execution,
            Batching = batching,
        };
    }

    static DatasetSpec? ReadDataset(YamlSection section)
    {
        var (qrels, depth) = (section.File("qrels"), section.PositiveInteger("depth"));
        var (candidates, pairs) = (section.File("candidates"), section.File("pairs"));
        var (queries, corpus, run) = (section.File("queries"), section.File("corpus"), section.File("run"));
        section.RefuseOthers();

        switch (candidates, pairs, queries, corpus, run)
        {
            case ({ } c, null, null, null, null): return new JsonlCandidatesSpec(c, qrels, depth);
            case (null, { } p, null, null, _):
                if (run is null && depth is not null)
                    section.Add("depth", "the order of dataset.pairs means nothing: name the first stage's run as dataset.run, or leave depth out");
                return new PairsSpec(p, run, qrels, depth);
            case (null, null, { } q, { } c, { } r): return new CollectionSpec(q, c, r, qrels, depth);
            default:
                section.Add("dataset: expected one of: candidates; queries, corpus and run together; pairs (with or without run)");
                return null;
        }
    }

    static ScorerSpec? ReadScorer(YamlSection section)
    {
        if (section.Has("declared"))
        {
            var (name, prefix) = (section.Text("declared"), section.Text("fingerprint"));
            section.RefuseOthers();
            return name is null ? null
                : new ScorerSpec(new DataFile(name, name), "declared", null, Truncation.LongestFirst, prefix) { Declared = name };
        }
        var written = section.RequiredText("model");
        var model = section.File("model") is { } folder ? ModelReference.Find(folder, written!) : null;
        var precision = section.Text("precision") ?? "fp32";
        if (precision.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
            section.Add("precision", $"expected fp32, fp16, int8 or another variant's name, found '{precision}'");
        var maxLength = section.PositiveInteger("max_length");
        var truncation = section.Choice("truncation", Truncation.LongestFirst,
            (Truncation.LongestFirst.Name(), Truncation.LongestFirst), (Truncation.OnlySecond.Name(), Truncation.OnlySecond));
        if (maxLength < ScorerSpec.LeastMaxLength) section.Add("max_length", $"expected at least {ScorerSpec.LeastMaxLength} tokens, found {maxLength}");
        var fingerprint = section.Text("fingerprint");
        section.RefuseOthers();
        if (model is null) return null;
        return new ScorerSpec(model.Folder, precision, maxLength, truncation, fingerprint) { HubModel = model.Model };
    }

    static (ExecutionSpec, ScoringOptions) ReadRun(YamlSection section)
    {
        var device = section.Parsed("device", d => ExecutionDevice.TryParse(d)
            ?? throw new FormatException($"expected {ExecutionDevice.Forms}, found '{d}'")) ?? ExecutionDevice.Auto;
        var (threads, inFlight) = (section.PositiveInteger("threads"), section.PositiveInteger("in_flight"));
        var batching = new ScoringOptions(section.PositiveInteger("batch_tokens"), section.PositiveInteger("max_batch"));
        var plugin = section.File("cuda_plugin");
        var cuda = section.Section("cuda");
        if (cuda.Has("device_id")) cuda.Add("device_id", "name the GPU with run.device: cuda:N");
        var options = cuda.Texts();
        section.RefuseOthers();
        return (new ExecutionSpec(device, threads, inFlight) { CudaOptions = options, CudaPlugin = plugin }, batching);
    }

    static CostRate? ReadCost(YamlSection section)
    {
        var (price, currency) = (section.NonNegativeNumber("price_per_hour"), section.Text("currency") ?? "");
        section.RefuseOthers();
        return price is { } perHour ? new CostRate(perHour, currency) : null;
    }

    static string? ReadText(DataFile file, Problems problems)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file.FullPath)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            problems.Add(file.Shown, null, "invalid UTF-8; expected UTF-8 text");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file.ReportUnreadable(e, problems);
        }
        return null;
    }
}
