using System.Text;
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
sealed class TextsAtHand(LabFile lab) : IDisposable
{
    readonly Dictionary<string, RunTexts?> _byRun = [];

    public string? Query(RunComparison comparison, long key) =>
        Of(comparison.Baseline)?.Query(key) ?? Of(comparison.Run)?.Query(key);

    public string? Passage(RunComparison comparison, TextKey key) =>
        Of(comparison.Baseline)?.Passage(key) ?? Of(comparison.Run)?.Passage(key);

    public void Dispose()
    {
        foreach (var texts in _byRun.Values) texts?.Dispose();
    }

    /// <summary>
    /// The experiment file that a run was recorded with. A lab file may come from a stranger: a path that leads out of its folder is
    /// followed only to a file that says what the lab file says, so that nothing is read that its writer did not know.
    /// </summary>
    /// <returns>Null where the path is not followed.</returns>
    public static DataFile? ExperimentOf(LabFile lab, RunRecord run)
    {
        if (run.ExperimentPath.Length == 0) return null;
        var full = Path.GetFullPath(run.ExperimentPath, lab.Folder);
        var folder = Path.TrimEndingDirectorySeparator(lab.Folder) + Path.DirectorySeparatorChar;
        return full.StartsWith(folder, StringComparison.Ordinal) || Says(full, run.ExperimentText)
            ? DataFile.FromCommandLine(Path.GetRelativePath(Environment.CurrentDirectory, full)) : null;
    }

    /// <summary>Devices and pipes have no length, and are not read.</summary>
    static bool Says(string file, string text)
    {
        try
        {
            const int bom = 3;
            int length = Encoding.UTF8.GetByteCount(text);
            return new FileInfo(file) is { Exists: true } found && (found.Length == length || found.Length == length + bom)
                && found.Length > 0 && File.ReadAllText(file) == text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    RunTexts? Of(RunRecord run)
    {
        if (!_byRun.TryGetValue(run.Uid, out var texts))
            _byRun.Add(run.Uid, texts = ExperimentOf(lab, run) is { } file ? RunTexts.Read(run, file, new Problems()) : null);
        return texts;
    }
}
