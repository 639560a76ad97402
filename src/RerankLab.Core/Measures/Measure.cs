namespace RerankLab.Core.Measures;

/// <summary>
/// An effectiveness measure of one query's ranking, in ir_measures' notation: <c>nDCG@10</c>, <c>AP(rel=2)@100</c>.
/// Equal measures are equal values; <see cref="ToString"/> gives the canonical name.
/// </summary>
/// <param name="Cutoff">The last rank that counts; null for all.</param>
public abstract record Measure(int? Cutoff)
{
    /// <summary>The measure's name without parameters.</summary>
    protected abstract string Family { get; }

    /// <summary>The least label that counts as relevant; null for a measure of graded labels.</summary>
    protected virtual int? Level => null;

    /// <summary>The value for a query; 0 for a query without relevant documents or without results.</summary>
    public abstract double Of(JudgedRanking ranking);

    public sealed override string ToString() =>
        Family + (Level is null or 1 ? "" : $"(rel={Level})") + (Cutoff is null ? "" : $"@{Cutoff}");

    /// <summary>Reads a measure's name: ir_measures', trec_eval's or an everyday one.</summary>
    /// <exception cref="FormatException">No measure has this name; the message says which there are.</exception>
    public static Measure Parse(string name) => MeasureName.Parse(name);
}

/// <summary>A measure of binary relevance.</summary>
/// <param name="Cutoff">The last rank that counts; null for all.</param>
/// <param name="Rel">The least label that counts as relevant.</param>
public abstract record BinaryMeasure(int? Cutoff, int Rel) : Measure(Cutoff)
{
    protected sealed override int? Level => Rel;
}
