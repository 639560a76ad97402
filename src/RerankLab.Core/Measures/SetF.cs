namespace RerankLab.Core.Measures;

/// <summary>
/// The weighted harmonic mean of SetP and SetR, (beta+1)·P·R / (beta·P + R) (after van Rijsbergen 1979; trec_eval's
/// set_F, whose parameter x is this beta: it is not squared).
/// </summary>
public sealed record SetF(int Rel, double Beta) : SetMeasure
{
    protected override string Family => "SetF";

    protected override IEnumerable<string> Parameters => [.. RelParameter(Rel), .. NumberParameter("beta", Beta, 1)];

    public override double Of(JudgedRanking ranking)
    {
        double p = new SetPrecision(Rel).Of(ranking), r = new SetRecall(Rel).Of(ranking);
        return p == 0 ? 0 : (Beta + 1) * p * r / (Beta * p + r);
    }
}
