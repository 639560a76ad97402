namespace RerankLab.Core.Measures;

/// <summary>
/// The share of judged documents among the first k, or among all retrieved where they are fewer (ir_measures' Judged;
/// with k retrieved, 1 less trec_eval's unj).
/// </summary>
public sealed record JudgedShare(int K) : LinearMeasure(K)
{
    protected override string Family => "Judged";

    protected override double Gain(int label) => label == JudgedRanking.Unjudged ? 0 : 1;

    protected override double Norm(JudgedRanking ranking) => ranking.Retrieved(K);
}
