namespace RerankLab.Core.Measures;

/// <summary>The share of the relevant documents that stand among the first k (trec_eval's recall).</summary>
public sealed record Recall(int K, int Rel) : LinearMeasure(K)
{
    protected override string Family => "R";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    protected override double Gain(int label) => label >= Rel ? 1 : 0;

    protected override double Norm(JudgedRanking ranking) => ranking.RelevantAt(Rel);
}
