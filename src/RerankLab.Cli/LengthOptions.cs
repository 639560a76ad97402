using RerankLab.Core;
using RerankLab.Core.Scoring;

namespace RerankLab.Cli;

/// <summary>How pairs are cut, as the command line says it.</summary>
static class LengthOptions
{
    /// <param name="maxLength">Tokens a pair; null for the model's own limit.</param>
    /// <param name="truncation">The rule's name; null for the usual one.</param>
    /// <exception cref="UserError">There is no such rule, or the length is none.</exception>
    public static Truncation Parse(int? maxLength, string? truncation)
    {
        if (TruncationRule.TryParse(truncation ?? Truncation.LongestFirst.Name()) is not { } rule)
            throw new UserError($"--truncation: expected longest_first or only_second, found '{truncation}'");
        if (maxLength < ScorerSpec.LeastMaxLength)
            throw new UserError($"--max-length: expected at least {ScorerSpec.LeastMaxLength} tokens, found {maxLength}");
        return rule;
    }
}
