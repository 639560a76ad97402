namespace RerankLab.Core.Measures;

/// <summary>
/// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with the label itself as gain and the discount
/// 1/log2(rank+1), as trec_eval 10's ndcg and ndcg_cut. Labels below 0 gain nothing.
/// </summary>
public sealed record NDcg(int? Cutoff) : Measure(Cutoff)
{
    protected override string Family => "nDCG";

    public override double Of(JudgedRanking ranking)
    {
        double ideal = 0, gained = 0;
        for (int rank = 0; rank < Math.Min(Cutoff ?? int.MaxValue, ranking.Ideal.Count) && ranking.Ideal[rank] > 0; rank++)
            ideal += ranking.Ideal[rank] / Math.Log2(rank + 2);
        if (ideal == 0) return 0;
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (ranking.Labels[rank] is > 0 and var label) gained += label / Math.Log2(rank + 2);
        return gained / ideal;
    }
}
