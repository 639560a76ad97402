using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Experiments;

/// <summary>
/// An experiment with what a machine needs to run it without the experiment's files, as <c>rlab cache pack</c> put it into a lab file.
/// </summary>
/// <param name="Text">The experiment file as written.</param>
/// <param name="Overrides">Assignments that won over it when it was packed.</param>
/// <param name="Path">The experiment file's path, relative to the lab file that it was packed from.</param>
/// <param name="Dataset">Candidates with their keys, judgements, and those texts that were packed.</param>
public sealed record Job(string Text, IReadOnlyList<string> Overrides, string Path, Dataset Dataset)
{
    /// <summary>The experiment, ready to run. Nothing has been written or spent so far.</summary>
    /// <param name="file">The job file: a model's path is relative to its folder, and is not followed out of it.</param>
    /// <param name="overrides">Further assignments, which win over the job's.</param>
    /// <param name="hashes">Remembered hashes of big files.</param>
    /// <param name="stages">Receives the time of each stage.</param>
    /// <exception cref="UserError">Everything that is wrong, together.</exception>
    public Experiment Open(DataFile file, IReadOnlyList<string> overrides, FileHashes hashes, Stages stages)
    {
        var problems = new Problems();
        foreach (var assignment in overrides.Where(o => Sets(o, "dataset") && !o.StartsWith("dataset.depth=", StringComparison.Ordinal)))
            problems.Add($"--set {assignment}", null,
                "the dataset of a job is the one that was packed; only dataset.depth can be set, to less");
        var packed = ExperimentFile.Parse(file, Text, Overrides, problems);
        var spec = packed is null ? null : ExperimentFile.Parse(file, Text, [.. Overrides, .. overrides], problems);
        if (packed?.Dataset.Depth is { } most && (spec?.Dataset.Depth ?? int.MaxValue) > most)
            problems.Add(file.Shown, null, $"dataset.depth: this job was packed to depth {most}; pack the experiment again for more");
        problems.ThrowIfAny();

        var dataset = CutTo(spec!.Dataset.Depth);
        bool isNamedHere = overrides.Any(o => Sets(o, "scorer.model") || o.StartsWith("scorer=", StringComparison.Ordinal));
        if (!isNamedHere && LeadsOut(spec.Scorer.Model, file))
        {
            var note = $"the model's path leads out of the folder of {file.Shown}, and a job's paths are not followed there: " +
                $"name it with --set scorer.model={spec.Scorer.Model.Shown} if you mean it";
            return new Experiment(spec with { PackedPath = Path }, dataset with { Notes = [.. dataset.Notes, note] }, Model: null);
        }
        var model = stages.Time("fingerprint", () => ScorerResolver.OpenModel(spec.Scorer, hashes, problems));
        problems.ThrowIfAny();
        return new Experiment(spec with { PackedPath = Path }, dataset, model);
    }

    /// <summary>The dataset with at most so many candidates a query.</summary>
    Dataset CutTo(int? depth)
    {
        if (depth is not { } most) return Dataset;
        return Dataset with
        {
            Candidates =
            [
                .. Dataset.Candidates.Select(c =>
                    c with { Documents = c.Documents.First(most), FirstStageScores = c.FirstStageScores is { } scores ? Cut(scores) : null }),
            ],
            CandidateTexts = [.. Dataset.CandidateTexts.Select(t => t with { Passages = Cut(t.Passages) })],
            Keys = [.. Dataset.Keys!.Select(k => k with { Pairs = Cut(k.Pairs) })],
        };

        T[] Cut<T>(T[] list) => list.Length > most ? list[..most] : list;
    }

    /// <summary>Whether an assignment is of this key or of one below it.</summary>
    static bool Sets(string assignment, string key) => $"{assignment.Split('=')[0]}.".StartsWith($"{key}.", StringComparison.Ordinal);

    /// <summary>A lab file may come from a stranger.</summary>
    static bool LeadsOut(DataFile model, DataFile file)
    {
        var folder = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetDirectoryName(file.FullPath)!);
        return !model.FullPath.StartsWith(folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }
}
