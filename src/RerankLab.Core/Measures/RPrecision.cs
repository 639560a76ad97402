namespace RerankLab.Core.Measures;

/// <summary>
/// Precision after R documents, R being how many are relevant (Buckley and Voorhees 2005; trec_eval's Rprec).
/// </summary>
public sealed record RPrecision(int Rel) : LinearMeasure((int?)null)
{
    protected override string Family => "Rprec";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    protected override double Gain(int label) => label >= Rel ? 1 : 0;

    protected override double Norm(JudgedRanking ranking) => ranking.RelevantAt(Rel);

    protected override int Depth(JudgedRanking ranking) => ranking.Retrieved(ranking.RelevantAt(Rel));
}
