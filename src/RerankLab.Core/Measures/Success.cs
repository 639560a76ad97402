namespace RerankLab.Core.Measures;

/// <summary>1 where a relevant document stands among the first k, else 0 (trec_eval's success).</summary>
public sealed record Success(int K, int Rel) : BinaryMeasure(K, Rel)
{
    protected override string Family => "Success";

    public override double Of(JudgedRanking ranking) => ranking.RelevantRetrieved(K, Rel) > 0 ? 1 : 0;
}
