namespace RerankLab.Core.Measures;

/// <summary>How many documents are relevant, retrieved or not, added up over queries (trec_eval's num_rel).</summary>
public sealed record RelevantCount(int Rel) : SetMeasure
{
    protected override string Family => "NumRel";

    protected override IEnumerable<string> Parameters => RelParameter(Rel);

    public override bool IsSum => true;

    public override double Of(JudgedRanking ranking) => ranking.RelevantAt(Rel);
}
