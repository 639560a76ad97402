namespace RerankLab.Core.Measures;

/// <summary>The mean, over all relevant documents, of the precision at their ranks (trec_eval's map and map_cut).</summary>
public sealed record AveragePrecision(int? Cutoff, int Rel) : BinaryMeasure(Cutoff, Rel)
{
    protected override string Family => "AP";

    public override double Of(JudgedRanking ranking)
    {
        int relevant = ranking.RelevantAt(Rel), found = 0;
        double sum = 0;
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (ranking.IsRelevant(rank, Rel)) sum += ++found / (rank + 1.0);
        return relevant == 0 ? 0 : sum / relevant;
    }
}
