using RerankLab.Core;

namespace RerankLab.Cli;

/// <summary>Values of a repeatable option.</summary>
static class OptionValues
{
    /// <exception cref="UserError">Some cannot be read: all of those are named.</exception>
    public static IReadOnlyList<T> Parse<T>(string prefix, IEnumerable<string> texts, Func<string, T> parse)
    {
        var (values, problems) = (new List<T>(), new List<Problem>());
        foreach (var text in texts)
            try
            {
                values.Add(parse(text));
            }
            catch (FormatException e)
            {
                problems.Add(new Problem(null, null, prefix + e.Message));
            }
        return problems.Count == 0 ? values : throw new UserError(problems);
    }
}
