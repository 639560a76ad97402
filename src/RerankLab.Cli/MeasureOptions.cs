using RerankLab.Core;
using RerankLab.Core.Measures;

namespace RerankLab.Cli;

/// <summary>Measures named on the command line.</summary>
static class MeasureOptions
{
    /// <exception cref="UserError">Some are unknown.</exception>
    public static IReadOnlyList<Measure> Parse(IEnumerable<string> names) => OptionValues.Parse("", names, Measure.Parse);
}
