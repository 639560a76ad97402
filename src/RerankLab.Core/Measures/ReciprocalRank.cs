namespace RerankLab.Core.Measures;

/// <summary>One over the rank of the first relevant document (trec_eval's recip_rank).</summary>
public sealed record ReciprocalRank(int? Cutoff, int Rel) : Measure(Cutoff)
{
    protected override string Family => "RR";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking)
    {
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (ranking.IsRelevant(rank, Rel)) return 1.0 / (rank + 1);
        return 0;
    }

    /// <remarks>
    /// In the first group with m relevant of g, the i-th is the first with the chance m/(g-i+1) where none was before
    /// it.
    /// </remarks>
    public override double Expected(JudgedRanking ranking)
    {
        int depth = ranking.Retrieved(Cutoff);
        foreach (var group in ranking.Groups(depth))
        {
            int relevant = ranking.RelevantIn(group, Rel);
            if (relevant == 0) continue;
            double sum = 0, noneYet = 1;
            for (int rank = group.Start; rank < Math.Min(group.End, depth) && noneYet > 0; rank++)
            {
                double chance = Math.Min(1, (double)relevant / (group.End - rank));
                sum += noneYet * chance / (rank + 1);
                noneYet *= 1 - chance;
            }
            return sum;
        }
        return 0;
    }
}
