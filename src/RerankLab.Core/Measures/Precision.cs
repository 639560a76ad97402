namespace RerankLab.Core.Measures;

/// <summary>The share of relevant documents among the first k, k being the divisor even where fewer were retrieved (trec_eval's P).</summary>
public sealed record Precision(int K, int Rel) : BinaryMeasure(K, Rel)
{
    protected override string Family => "P";

    public override double Of(JudgedRanking ranking) => (double)ranking.RelevantRetrieved(K, Rel) / K;
}
