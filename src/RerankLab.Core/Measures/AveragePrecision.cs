namespace RerankLab.Core.Measures;

/// <summary>
/// The mean, over all relevant documents, of the precision at their ranks (trec_eval's map and map_cut).
/// </summary>
public sealed record AveragePrecision(int? Cutoff, int Rel) : Measure(Cutoff)
{
    protected override string Family => "AP";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking)
    {
        int found = 0;
        double sum = 0;
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (ranking.IsRelevant(rank, Rel)) sum += ++found / (rank + 1.0);
        return found == 0 ? 0 : sum / ranking.RelevantAt(Rel);
    }

    /// <remarks>
    /// At the i-th rank of a group of g with m relevant, after f relevant before it: relevant with chance m/g, and then
    /// f + 1 + (i-1)(m-1)/(g-1) are expected so far.
    /// </remarks>
    public override double Expected(JudgedRanking ranking)
    {
        int found = 0, depth = ranking.Retrieved(Cutoff);
        double sum = 0;
        foreach (var group in ranking.Groups(depth))
        {
            int relevant = ranking.RelevantIn(group, Rel);
            if (relevant == 0) continue;
            double chance = (double)relevant / group.Length;
            double othersPerRank = group.Length == 1 ? 0 : (relevant - 1.0) / (group.Length - 1);
            for (int rank = group.Start; rank < Math.Min(group.End, depth); rank++)
                sum += chance * (found + 1 + (rank - group.Start) * othersPerRank) / (rank + 1);
            found += relevant;
        }
        return found == 0 ? 0 : sum / ranking.RelevantAt(Rel);
    }
}
