namespace RerankLab.Core.Measures;

/// <summary>
/// Normalised discounted cumulative gain with the discount 1/log2(rank+1). The gain is the label (Järvelin and
/// Kekäläinen 2002; trec_eval's ndcg and ndcg_cut), or 2^label - 1 (Burges et al. 2005; <c>dcg='exp-log2'</c>). Only
/// labels above 0 gain.
/// </summary>
public sealed record NDcg(int? Cutoff, bool ExponentialGain = false) : LinearMeasure(Cutoff)
{
    protected override string Family => "nDCG";

    protected override IEnumerable<string> Parameters => ExponentialGain ? ["dcg='exp-log2'"] : [];

    protected override double Gain(int label) => label <= 0 ? 0 : ExponentialGain ? Math.ScaleB(1, label) - 1 : label;

    protected override double Discount(int rank) => Math.Log2(rank + 2);

    protected override double Norm(JudgedRanking ranking)
    {
        double ideal = 0;
        var labels = ranking.Ideal;
        for (int rank = 0; rank < Math.Min(Cutoff ?? int.MaxValue, labels.Length) && labels[rank] > 0; rank++)
            ideal += Gain(labels[rank]) / Discount(rank);
        return ideal;
    }
}
