namespace RerankLab.Core.Measures;

/// <summary>How many documents are retrieved, added up over queries (trec_eval's num_ret).</summary>
public sealed record RetrievedCount : SetMeasure
{
    protected override string Family => "NumRet";

    public override bool IsSum => true;

    public override double Of(JudgedRanking ranking) => ranking.Retrieved(null);
}
