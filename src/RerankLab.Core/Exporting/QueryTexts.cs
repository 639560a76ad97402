using RerankLab.Core.Datasets;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Exporting;

/// <summary>The texts of all of a run's queries, for formats that cannot do without.</summary>
public static class QueryTexts
{
    /// <param name="run">The run.</param>
    /// <param name="data">Its lists.</param>
    /// <param name="experiment">The experiment file that names the texts' files; null where the recorded one is not at hand.</param>
    /// <returns>Texts parallel to the run's queries.</returns>
    /// <exception cref="UserError">The files are not there, or hold other texts.</exception>
    public static string[] Of(RunRecord run, RunData data, DataFile? experiment)
    {
        const string hint = "query texts stay in your files: name the experiment with --experiment FILE, or use --format jsonl, which needs none";
        if (data.Keys is null)
            throw new UserError($"run '{run.Name}' was imported without texts", "import it with --candidates EXPERIMENT.yaml, or use --format jsonl");
        if (experiment is null)
            throw new UserError($"the experiment file {run.ExperimentPath} of run '{run.Name}' is outside the lab file's folder, " +
                "and not there as it was recorded", hint);
        var problems = new Problems();
        using var texts = RunTexts.Read(run, experiment, problems);
        problems.ThrowIfAny(hint);

        var found = data.Keys.Select(k => texts!.Query(k.Query)).ToArray();
        if (Array.IndexOf(found, null) is >= 0 and var missing)
            throw new UserError($"{experiment.Shown} has another text, or none, for query '{data.Candidates[missing].Id}' of run '{run.Name}'", hint);
        return found!;
    }
}
