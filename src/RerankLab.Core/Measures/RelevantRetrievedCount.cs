namespace RerankLab.Core.Measures;

/// <summary>
/// How many relevant documents are retrieved, added up over queries (trec_eval's num_rel_ret; ir_measures' NumRet with
/// rel).
/// </summary>
public sealed record RelevantRetrievedCount(int Rel) : SetMeasure
{
    protected override string Family => "NumRelRet";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override bool IsSum => true;

    public override double Of(JudgedRanking ranking) => ranking.RelevantRetrieved(null, Rel);
}
