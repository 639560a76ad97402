using System.Globalization;

namespace RerankLab.Core.Runs;

/// <summary>Finds a run by what the user typed: a name (the latest of that name), a prefix of its id, <c>@1</c> (the latest), <c>@2</c>…</summary>
public static class RunSelector
{
    const int ShortestPrefix = 8;

    /// <param name="runs">All runs, the latest first.</param>
    /// <param name="text">What was typed.</param>
    /// <exception cref="UserError">No run fits, or a prefix fits several.</exception>
    public static RunRecord Find(IReadOnlyList<RunRecord> runs, string text)
    {
        if (runs.Count == 0) throw new UserError("the lab file has no runs yet", "make one with: rlab run EXPERIMENT.yaml");
        if (text.StartsWith('@') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1)
            return number <= runs.Count ? runs[number - 1]
                : throw new UserError($"there is no run {text}: the lab file has {runs.Count}");
        if (runs.FirstOrDefault(r => r.Name == text) is { } named) return named;

        var matches = runs.Where(r => text.Length >= 4 && r.Uid.StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return matches switch
        {
            [var only] => only,
            [] => throw new UserError($"there is no run '{text}'",
                $"the lab file has: {string.Join(", ", runs.Select(r => r.Name).Distinct().Take(10))}; rlab runs lists them"),
            _ => throw new UserError($"'{text}' is the beginning of {matches.Count} runs' ids", "type more of it"),
        };
    }

    /// <summary>The length of prefix that tells all of these runs apart.</summary>
    public static int PrefixLength(IReadOnlyList<RunRecord> runs)
    {
        for (int length = ShortestPrefix; length < 36; length++)
            if (runs.Select(r => r.Uid[..length]).Distinct().Count() == runs.Count) return length;
        return 36;
    }
}
