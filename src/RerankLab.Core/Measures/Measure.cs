namespace RerankLab.Core.Measures;

/// <summary>
/// An effectiveness measure of one query's ranking, in ir_measures' notation: <c>nDCG@10</c>, <c>AP(rel=2)@100</c>.
/// Equal measures are equal values; <see cref="ToString"/> gives the canonical name. Definitions: docs/measures.md.
/// </summary>
/// <param name="Cutoff">The last rank that counts; null for all.</param>
public abstract record Measure(int? Cutoff)
{
    /// <summary>What is measured where nobody says: nDCG@10 and RR@10.</summary>
    public static IReadOnlyList<Measure> Defaults { get; } = [new NDcg(10), new ReciprocalRank(10, 1)];

    /// <summary>The measure's name without parameters.</summary>
    protected abstract string Family { get; }

    /// <summary>The parameters that differ from their defaults, each as <c>name=value</c>.</summary>
    protected virtual IEnumerable<string> Parameters => [];

    /// <summary>Whether values are added up over queries, as counts are; else the mean is taken.</summary>
    public virtual bool IsSum => false;

    /// <summary>
    /// The value for a query. It never falls when a document of a higher label takes a better place.
    /// </summary>
    public abstract double Of(JudgedRanking ranking);

    /// <summary>
    /// The mean of the value over all orders of the tied documents, each order equally likely (McSherry and Najork
    /// 2008).
    /// </summary>
    public abstract double Expected(JudgedRanking ranking);

    public sealed override string ToString() =>
        Family + (Parameters.Any() ? $"({string.Join(',', Parameters)})" : "") + (Cutoff is null ? "" : $"@{Cutoff}");

    /// <summary>Reads a measure's name: ir_measures', trec_eval's or an everyday one.</summary>
    /// <exception cref="FormatException">No measure has this name, or it has no such parameters; the message says what
    /// there is.</exception>
    public static Measure Parse(string name) => MeasureName.Parse(name);

    /// <summary>
    /// The parameter of measures that take labels from <paramref name="rel"/> on as relevant; 1 goes without saying.
    /// </summary>
    protected static IEnumerable<string> RelParameter(int rel) => rel == 1 ? [] : [$"rel={rel}"];

    /// <summary>
    /// A fractional parameter as Python writes it (ir_measures reads <c>beta=2</c> as another type than
    /// <c>beta=2.0</c>).
    /// </summary>
    protected static IEnumerable<string> NumberParameter(string name, double value, double standard) =>
        value == standard ? [] : [$"{name}={value}{(double.IsInteger(value) ? ".0" : "")}"];
}
