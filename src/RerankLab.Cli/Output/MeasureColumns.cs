using RerankLab.Core.Runs;

namespace RerankLab.Cli.Output;

/// <summary>The recorded means of runs as columns of a listing: a column for each measure that any of them has.</summary>
sealed class MeasureColumns(IReadOnlyList<RunRecord> runs)
{
    public IReadOnlyList<string> Names { get; } = [.. runs.SelectMany(r => r.Measures).Select(m => m.Key).Distinct()];

    /// <summary>A run's cells; nothing where it has not this measure.</summary>
    public IEnumerable<object?> Of(RunRecord run)
    {
        var values = run.Measures.ToDictionary();
        return Names.Select(m => values.TryGetValue(m, out double value) ? (object)value : null);
    }
}
