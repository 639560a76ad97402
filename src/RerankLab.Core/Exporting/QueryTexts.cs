using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Exporting;

/// <summary>
/// The texts of a run's queries. They are not in the lab file: they are read from the user's files, and taken only where
/// their key is the one that the run recorded.
/// </summary>
public static class QueryTexts
{
    /// <param name="run">The run.</param>
    /// <param name="data">Its lists.</param>
    /// <param name="experiment">The experiment file that names the texts' files.</param>
    /// <returns>Texts parallel to the run's queries.</returns>
    /// <exception cref="UserError">The files are not there, or hold other texts.</exception>
    public static string[] Of(RunRecord run, RunData data, DataFile experiment)
    {
        const string hint = "query texts stay in your files: name the experiment with --experiment FILE, or use --format jsonl, which needs none";
        var problems = new Problems();
        var spec = ExperimentFile.Read(experiment, run.Overrides, problems);
        var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        problems.ThrowIfAny(hint);

        var texts = new Dictionary<long, string>();
        foreach (var (query, _) in dataset!.CandidateTexts) texts[PairKeys.OfQuery(dataset.Texts.Utf8(query))] = dataset.Texts[query];
        var found = data.Keys.Select(k => texts.GetValueOrDefault(k.Query)).ToArray();
        if (Array.IndexOf(found, null) is >= 0 and var missing)
            throw new UserError($"{experiment.Shown} has another text, or none, for query '{data.Candidates[missing].Id}' of run '{run.Name}'", hint);
        return found!;
    }
}
