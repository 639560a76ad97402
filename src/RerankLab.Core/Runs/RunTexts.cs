using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Runs;

/// <summary>
/// Texts of a run's queries and passages. They are not in the lab file: they are read from the user's files and found by
/// their key, so that a text that was changed since is not taken for the one that was scored.
/// </summary>
public sealed class RunTexts : IDisposable
{
    readonly Dataset _dataset;
    readonly ILookup<long, CandidateTexts> _byQuery;
    readonly Dictionary<long, Dictionary<PairKey, int>> _passages = [];

    RunTexts(Dataset dataset)
    {
        _dataset = dataset;
        _byQuery = dataset.CandidateTexts.ToLookup(c => PairKeys.OfQuery(dataset.Texts.Utf8(c.Query)));
    }

    /// <param name="run">The run.</param>
    /// <param name="experiment">The experiment file that names the texts' files.</param>
    /// <param name="problems">Receives what is wrong with them.</param>
    /// <returns>Null where there are problems.</returns>
    public static RunTexts? Read(RunRecord run, DataFile experiment, Problems problems)
    {
        var spec = ExperimentFile.Read(experiment, run.Overrides, problems);
        var dataset = spec is null ? null : DatasetReader.Read(spec.Dataset, problems);
        if (dataset is not null && problems.None) return new RunTexts(dataset);
        dataset?.Dispose();
        return null;
    }

    /// <summary>The query's text; null where the files have none of this key.</summary>
    public string? Query(long query) => _byQuery[query].FirstOrDefault() is { } list ? _dataset.Texts[list.Query] : null;

    /// <summary>The passage's text; null where the files have none of this key.</summary>
    public string? Passage(TextKey key)
    {
        if (!_passages.TryGetValue(key.Query, out var passages))
        {
            _passages.Add(key.Query, passages = []);
            foreach (var list in _byQuery[key.Query])
                foreach (var (pair, text) in PairKeys.Of(list, _dataset.Texts).Pairs.Zip(list.Passages))
                    passages.TryAdd(pair, text);
        }
        return passages.TryGetValue(key.Pair, out int found) ? _dataset.Texts[found] : null;
    }

    public void Dispose() => _dataset.Dispose();
}
