namespace RerankLab.Core.Measures;

/// <summary>A measure of what was retrieved, whatever its order.</summary>
public abstract record SetMeasure() : Measure((int?)null)
{
    public sealed override double Expected(JudgedRanking ranking) => Of(ranking);
}
