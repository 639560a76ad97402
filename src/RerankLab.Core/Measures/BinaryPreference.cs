namespace RerankLab.Core.Measures;

/// <summary>
/// Binary preference (Buckley and Voorhees 2004; trec_eval's bpref): over the R relevant documents, the mean of 1 -
/// min(n, R)/min(N, R), n being how many of the N judged non-relevant ones stand above. Not relevant are labels from 0
/// to below the level; unjudged documents and negative labels are passed over.
/// </summary>
public sealed record BinaryPreference(int Rel) : Measure((int?)null)
{
    protected override string Family => "Bpref";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking)
    {
        int relevant = ranking.RelevantAt(Rel), others = ranking.Ideal.Length - relevant, above = 0;
        double sum = 0;
        foreach (int label in ranking.Labels)
            if (label >= Rel) sum += Preferred(above, others, relevant);
            else if (label != JudgedRanking.Unjudged) above++;
        return relevant == 0 ? 0 : sum / relevant;
    }

    /// <remarks>
    /// Before a relevant document stand, of its group's non-relevant ones, 0, 1, … or all, each as likely.
    /// </remarks>
    public override double Expected(JudgedRanking ranking)
    {
        int relevant = ranking.RelevantAt(Rel), others = ranking.Ideal.Length - relevant, above = 0;
        double sum = 0;
        foreach (var group in ranking.Groups(ranking.Labels.Length))
        {
            int relevantHere = ranking.RelevantIn(group, Rel), othersHere = ranking.RelevantIn(group, 0) - relevantHere;
            if (relevantHere > 0)
            {
                double preferred = 0;
                for (int here = 0; here <= othersHere; here++) preferred += Preferred(above + here, others, relevant);
                sum += relevantHere * preferred / (othersHere + 1);
            }
            above += othersHere;
        }
        return relevant == 0 ? 0 : sum / relevant;
    }

    static double Preferred(int above, int others, int relevant) =>
        above == 0 ? 1 : 1 - (double)Math.Min(above, relevant) / Math.Min(others, relevant);
}
