using RerankLab.Core;
using RerankLab.Core.Comparison;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Store;

namespace RerankLab.Cli;

/// <summary>
/// Texts for reading along: found in the files of the runs' experiments where they are on this machine, else absent.
/// </summary>
sealed class TextsAtHand(LabFile lab)
{
    readonly Dictionary<string, RunTexts?> _byRun = [];

    public string? Query(RunComparison comparison, long key) =>
        Of(comparison.Baseline)?.Query(key) ?? Of(comparison.Run)?.Query(key);

    public string? Passage(RunComparison comparison, TextKey key) =>
        Of(comparison.Baseline)?.Passage(key) ?? Of(comparison.Run)?.Passage(key);

    /// <summary>The experiment file that a run was recorded with.</summary>
    public static DataFile ExperimentOf(LabFile lab, RunRecord run) =>
        DataFile.FromCommandLine(Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(lab.Folder, run.ExperimentPath)));

    RunTexts? Of(RunRecord run)
    {
        if (!_byRun.TryGetValue(run.Uid, out var texts))
            _byRun.Add(run.Uid, texts = RunTexts.Read(run, ExperimentOf(lab, run), new Problems()));
        return texts;
    }
}
