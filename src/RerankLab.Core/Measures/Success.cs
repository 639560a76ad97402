namespace RerankLab.Core.Measures;

/// <summary>1 where a relevant document stands among the first k, else 0 (trec_eval's success).</summary>
public sealed record Success(int K, int Rel) : Measure(K)
{
    protected override string Family => "Success";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking) => ranking.RelevantRetrieved(K, Rel) > 0 ? 1 : 0;

    /// <remarks>
    /// 1 less the chance that the ranks of the group down to k all go to documents that are not relevant.
    /// </remarks>
    public override double Expected(JudgedRanking ranking)
    {
        foreach (var group in ranking.Groups(ranking.Retrieved(K)))
        {
            int relevant = ranking.RelevantIn(group, Rel);
            if (relevant == 0) continue;
            double none = 1;
            for (int rank = group.Start; rank < Math.Min(group.End, K); rank++)
                none *= Math.Max(0, 1 - (double)relevant / (group.End - rank));
            return 1 - none;
        }
        return 0;
    }
}
