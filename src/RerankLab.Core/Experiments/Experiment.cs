using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Experiments;

/// <summary>An experiment whose files were read and found good. Nothing has been written or spent so far.</summary>
/// <param name="Spec">What the experiment file asks for.</param>
/// <param name="Dataset">Candidates, texts and judgements.</param>
/// <param name="Model">The model, fingerprinted but not loaded; null where it is not on this machine.</param>
public sealed record Experiment(ExperimentSpec Spec, Dataset Dataset, OnnxModel? Model) : IDisposable
{
    /// <summary>Reads an experiment and every file that it names.</summary>
    /// <param name="file">The experiment file.</param>
    /// <param name="overrides">Assignments that win over the file.</param>
    /// <param name="hashes">Remembered hashes of big files.</param>
    /// <param name="stages">Receives the time of each stage.</param>
    /// <exception cref="UserError">Everything that is wrong, together.</exception>
    public static Experiment Read(DataFile file, IReadOnlyList<string> overrides, FileHashes hashes, Stages stages)
    {
        var problems = new Problems();
        var spec = ExperimentFile.Read(file, overrides, problems);
        var dataset = spec is null ? null : stages.Time("read", () => DatasetReader.Read(spec.Dataset, problems));
        if (dataset is { Candidates.Count: 0 } && problems.None)
            problems.Add(file.Shown, null, "dataset: no query has candidates");
        var model = spec is null ? null : stages.Time("fingerprint", () => ScorerResolver.OpenModel(spec.Scorer, hashes, problems));
        if (!problems.None) dataset?.Dispose();
        problems.ThrowIfAny();
        return new Experiment(spec!, dataset!, model);
    }

    /// <summary>Closes the files that texts are read from.</summary>
    public void Dispose() => Dataset.Dispose();
}
