using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;

namespace RerankLab.Core.Diagnosis;

/// <summary>Whether an experiment and its data can be read.</summary>
/// <param name="Spec">What it asks for; null where it cannot be read.</param>
/// <param name="Findings">Every problem, or how much data there is.</param>
public sealed record ExperimentCheck(ExperimentSpec? Spec, IReadOnlyList<Finding> Findings)
{
    /// <param name="file">The experiment file.</param>
    /// <param name="overrides">Assignments that win over the file.</param>
    public static ExperimentCheck Read(DataFile file, IReadOnlyList<string> overrides)
    {
        const string check = "experiment";
        var problems = new Problems();
        var spec = ExperimentFile.Read(file, overrides, problems);
        using var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        int candidates = dataset?.Candidates.Sum(c => c.Documents.Length) ?? 0;
        return new ExperimentCheck(spec, problems.None && dataset is not null
            ? [Finding.Ok(check, $"{file.Shown}: {dataset.Candidates.Count} queries, {candidates} candidates")]
            : [.. problems.Found.Select(p => Finding.Problem(check, p.ToString(), p.Remedy))]);
    }
}
