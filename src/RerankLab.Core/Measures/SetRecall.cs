namespace RerankLab.Core.Measures;

/// <summary>The share of the relevant documents that are retrieved (trec_eval's set_recall).</summary>
public sealed record SetRecall(int Rel) : SetMeasure
{
    protected override string Family => "SetR";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override double Of(JudgedRanking ranking) =>
        ranking.RelevantRetrieved(null, Rel) is > 0 and var found ? (double)found / ranking.RelevantAt(Rel) : 0;
}
