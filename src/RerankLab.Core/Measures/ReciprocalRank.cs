namespace RerankLab.Core.Measures;

/// <summary>One over the rank of the first relevant document (trec_eval's recip_rank).</summary>
public sealed record ReciprocalRank(int? Cutoff, int Rel) : BinaryMeasure(Cutoff, Rel)
{
    protected override string Family => "RR";

    public override double Of(JudgedRanking ranking)
    {
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (ranking.IsRelevant(rank, Rel)) return 1.0 / (rank + 1);
        return 0;
    }
}
