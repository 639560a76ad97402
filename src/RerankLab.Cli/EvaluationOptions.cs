using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Measures;

namespace RerankLab.Cli;

/// <summary>The conventions of an evaluation, as the command line names them.</summary>
static class EvaluationOptions
{
    static readonly (string Name, TieRule Rule)[] TieRules =
        [("docid-desc", TieRule.DocIdDescending), ("docid-asc", TieRule.DocIdAscending), ("input", TieRule.Input)];

    static readonly (string Name, MissingQueries Missing)[] MissingModes =
        [("zero", MissingQueries.Zero), ("drop", MissingQueries.Drop)];

    /// <exception cref="UserError">There is no such rule.</exception>
    public static TieRule ParseTieRule(string? text) => Parse("--tie-rule", text, TieRules);

    /// <exception cref="UserError">There is no such convention.</exception>
    public static MissingQueries ParseMissing(string? text) => Parse("--missing", text, MissingModes);

    public static string NameOf(TieRule rule) => TieRules.Single(r => r.Rule == rule).Name;

    public static string NameOf(MissingQueries missing) => MissingModes.Single(m => m.Missing == missing).Name;

    /// <summary>The first choice stands for an option that is not given.</summary>
    static T Parse<T>(string option, string? text, (string Name, T Value)[] choices)
    {
        if (text is null) return choices[0].Value;
        foreach (var (name, value) in choices)
            if (name == text) return value;
        throw new UserError($"{option}: expected {string.Join(" or ", choices.Select(c => c.Name))}, found '{text}'");
    }
}
