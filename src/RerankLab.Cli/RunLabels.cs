using RerankLab.Core.Runs;

namespace RerankLab.Cli;

/// <summary>What runs are called side by side: their names, with a prefix of the id where names alone would not tell them apart.</summary>
static class RunLabels
{
    public static string[] Of(IReadOnlyList<RunRecord> shown, IReadOnlyList<RunRecord> all)
    {
        int prefix = RunSelector.PrefixLength(all);
        return [.. shown.Select(r => shown.Count(o => o.Name == r.Name && o.Uid != r.Uid) == 0 ? r.Name : $"{r.Name}@{r.Uid[..prefix]}")];
    }
}
