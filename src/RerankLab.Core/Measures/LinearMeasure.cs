namespace RerankLab.Core.Measures;

/// <summary>
/// A measure that adds up, rank by rank, a gain that depends on the label over a discount that depends on the rank, and
/// divides by what does not depend on the ranking's order. Its expectation over ties puts each tied group's mean gain
/// on all of the group's ranks.
/// </summary>
/// <param name="Cutoff">The last rank that counts; null for all.</param>
public abstract record LinearMeasure(int? Cutoff) : Measure(Cutoff)
{
    /// <summary>What a document of this label gains; never less for a higher label.</summary>
    protected abstract double Gain(int label);

    /// <summary>What the gain at a rank (from 0) is divided by; never less further down.</summary>
    protected virtual double Discount(int rank) => 1;

    /// <summary>What the sum is divided by; it is not asked for where the sum is 0, for then the value is 0.</summary>
    protected abstract double Norm(JudgedRanking ranking);

    /// <summary>How many documents from the top count.</summary>
    protected virtual int Depth(JudgedRanking ranking) => ranking.Retrieved(Cutoff);

    public sealed override double Of(JudgedRanking ranking)
    {
        double sum = 0;
        var labels = ranking.Labels[..Depth(ranking)];
        for (int rank = 0; rank < labels.Length; rank++)
            if (Gain(labels[rank]) is not 0 and var gain) sum += gain / Discount(rank);
        return sum == 0 ? 0 : sum / Norm(ranking);
    }

    public sealed override double Expected(JudgedRanking ranking)
    {
        double sum = 0;
        int depth = Depth(ranking);
        foreach (var group in ranking.Groups(depth))
        {
            double gain = 0;
            foreach (int label in ranking.Labels[group.Start..group.End]) gain += Gain(label);
            if (gain == 0) continue;
            for (int rank = group.Start; rank < Math.Min(group.End, depth); rank++)
                sum += gain / group.Length / Discount(rank);
        }
        return sum == 0 ? 0 : sum / Norm(ranking);
    }
}
