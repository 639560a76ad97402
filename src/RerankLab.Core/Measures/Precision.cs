namespace RerankLab.Core.Measures;

/// <summary>
/// The share of relevant documents among the first k, k being the divisor even where fewer were retrieved (trec_eval's
/// P).
/// </summary>
public sealed record Precision(int K, int Rel) : LinearMeasure(K)
{
    protected override string Family => "P";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    protected override double Gain(int label) => label >= Rel ? 1 : 0;

    protected override double Norm(JudgedRanking ranking) => K;
}
