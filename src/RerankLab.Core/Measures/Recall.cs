namespace RerankLab.Core.Measures;

/// <summary>The share of the relevant documents that stand among the first k (trec_eval's recall).</summary>
public sealed record Recall(int K, int Rel) : BinaryMeasure(K, Rel)
{
    protected override string Family => "R";

    public override double Of(JudgedRanking ranking) =>
        ranking.RelevantAt(Rel) is > 0 and var relevant ? (double)ranking.RelevantRetrieved(K, Rel) / relevant : 0;
}
