namespace RerankLab.Core.Measures;

/// <summary>The share of relevant documents among all retrieved (trec_eval's set_P).</summary>
public sealed record SetPrecision(int Rel) : SetMeasure
{
    protected override string Family => "SetP";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking) =>
        ranking.RelevantRetrieved(null, Rel) is > 0 and var found ? (double)found / ranking.Retrieved(null) : 0;
}
