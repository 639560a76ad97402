namespace RerankLab.Core.Measures;

/// <summary>
/// Expected reciprocal rank (Chapelle et al. 2009) as TREC's gdeval, and ir_measures with it, define it: a document
/// satisfies with the chance (2^label - 1)/2^4. The highest label is 4 whatever the qrels hold; labels above it, which
/// gdeval refuses, count as 4.
/// </summary>
public sealed record ExpectedReciprocalRank(int? Cutoff) : Measure(Cutoff)
{
    const int MaxLabel = 4;

    protected override string Family => "ERR";

    public override double Of(JudgedRanking ranking)
    {
        double sum = 0, goesOn = 1;
        for (int rank = 0; rank < ranking.Retrieved(Cutoff); rank++)
            if (Satisfies(ranking.Labels[rank]) is > 0 and var chance)
            {
                sum += goesOn * chance / (rank + 1);
                goesOn *= 1 - chance;
            }
        return sum;
    }

    /// <remarks>
    /// Whoever looks at i documents of a group goes on with the mean, over the group's subsets of size i, of the
    /// product of 1 - chance. A subset of the first n documents has the n-th among its members with the chance i/n.
    /// </remarks>
    public override double Expected(JudgedRanking ranking)
    {
        int depth = ranking.Retrieved(Cutoff);
        double sum = 0, goesOn = 1;
        foreach (var group in ranking.Groups(depth))
        {
            var afterLooking = new double[group.Length + 1];
            afterLooking[0] = 1;
            for (int n = 1; n <= group.Length; n++)
            {
                double notSatisfied = 1 - Satisfies(ranking.Labels[group.Start + n - 1]);
                for (int i = n; i > 0; i--)
                    afterLooking[i] = ((n - i) * afterLooking[i] + i * notSatisfied * afterLooking[i - 1]) / n;
            }
            for (int rank = group.Start; rank < Math.Min(group.End, depth); rank++)
                sum += goesOn * (afterLooking[rank - group.Start] - afterLooking[rank - group.Start + 1]) / (rank + 1);
            goesOn *= afterLooking[^1];
        }
        return sum;
    }

    static double Satisfies(int label) =>
        label <= 0 ? 0 : (Math.ScaleB(1, Math.Min(label, MaxLabel)) - 1) / (1 << MaxLabel);
}
