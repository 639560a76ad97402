namespace RerankLab.Core.Measures;

/// <summary>
/// Rank-biased precision (Moffat and Zobel 2008): (1-p) times the sum of gain·p^(rank-1). With a level the gain is 0 or
/// 1 (as cwl_eval behind ir_measures); without, it is the label, divided by the highest label judged for the query
/// where that is above 1 (the scaling to 0…1 that trec_eval 10's rbp intends).
/// </summary>
/// <param name="Cutoff">The last rank that counts; null for all.</param>
/// <param name="P">Persistence, between 0 and 1.</param>
/// <param name="Rel">The least label that counts as relevant; null for graded gain.</param>
public sealed record RankBiasedPrecision(int? Cutoff, double P, int? Rel) : LinearMeasure(Cutoff)
{
    /// <summary>ir_measures' persistence where none is given; trec_eval's is 0.9.</summary>
    public const double DefaultP = 0.8;

    protected override string Family => "RBP";

    protected override IEnumerable<string> Parameters =>
        [.. NumberParameter("p", P, DefaultP), .. Rel is null ? [] : new[] { $"rel={Rel}" }];

    protected override double Gain(int label) => Rel is null ? Math.Max(label, 0) : label >= Rel ? 1 : 0;

    protected override double Discount(int rank) => Math.Pow(P, -rank);

    protected override double Norm(JudgedRanking ranking) =>
        (Rel is null ? Math.Max(ranking.Ideal[0], 1) : 1) / (1 - P);
}
