using RerankLab.Core.Measures;

namespace RerankLab.Core.Tests.Measures;

/// <summary>Values that follow from the definitions by hand.</summary>
public sealed class MeasureDefinitionTests
{
    static readonly int?[] Labels = [null, 2, 0, 1, -1, 3];

    static double Value(string measure, IEnumerable<int?> labels, params int[] notRetrieved) =>
        Measure.Parse(measure).Of(MeasureSamples.Ranked(labels, notRetrieved));

    [Theory]
    [InlineData("P@4", 2 / 4.0)]
    [InlineData("P@10", 3 / 10.0)]
    [InlineData("P(rel=2)@6", 2 / 6.0)]
    [InlineData("R@4", 2 / 4.0)]
    [InlineData("R(rel=2)@6", 2 / 3.0)]
    [InlineData("Success(rel=3)@5", 0)]
    [InlineData("Success(rel=3)@6", 1)]
    [InlineData("RR", 1 / 2.0)]
    [InlineData("RR(rel=3)", 1 / 6.0)]
    [InlineData("RR(rel=3)@5", 0)]
    [InlineData("AP", (1 / 2.0 + 2 / 4.0 + 3 / 6.0) / 4)]
    [InlineData("AP@5", (1 / 2.0 + 2 / 4.0) / 4)]
    [InlineData("Rprec", 2 / 4.0)]
    [InlineData("Rprec(rel=2)", 1 / 3.0)]
    [InlineData("Judged@4", 3 / 4.0)]
    [InlineData("Judged@10", 4 / 6.0)]
    [InlineData("SetP", 3 / 6.0)]
    [InlineData("SetR", 3 / 4.0)]
    [InlineData("SetF", 2 * 0.5 * 0.75 / (0.5 + 0.75))]
    [InlineData("SetF(beta=3.0)", 4 * 0.5 * 0.75 / (3 * 0.5 + 0.75))]
    [InlineData("SetF(beta=0)", 0.5)]
    [InlineData("NumRet", 6)]
    [InlineData("NumRel", 4)]
    [InlineData("NumRelRet", 3)]
    [InlineData("NumRelRet(rel=2)", 2)]
    [InlineData("RBP(p=0.5,rel=1)", 0.5 * (1 / 2.0 + 1 / 8.0 + 1 / 32.0))]
    [InlineData("RBP(p=0.5,rel=1)@4", 0.5 * (1 / 2.0 + 1 / 8.0))]
    [InlineData("RBP(p=0.5)", 0.5 * (2 / 2.0 + 1 / 8.0 + 3 / 32.0) / 3)]
    [InlineData("ERR@4", 3 / 16.0 / 2 + 13 / 16.0 * (1 / 16.0) / 4)]
    public void A_measure_has_the_value_of_its_definition(string measure, double value) =>
        Assert.Equal(value, Value(measure, Labels, 2, -1), 1e-15);

    [Fact]
    public void NDcg_has_the_label_or_two_to_its_power_less_one_as_gain()
    {
        double linear = (2 / Math.Log2(3) + 1 / Math.Log2(5) + 3 / Math.Log2(7)) /
            (3 / Math.Log2(2) + 2 / Math.Log2(3) + 2 / Math.Log2(4) + 1 / Math.Log2(5));
        double exponential = (3 / Math.Log2(3)) / (7 / Math.Log2(2) + 3 / Math.Log2(3) + 3 / Math.Log2(4));
        Assert.Equal(linear, Value("nDCG", Labels, 2, -1), 1e-15);
        Assert.Equal(exponential, Value("nDCG(dcg='exp-log2')@3", Labels, 2, -1), 1e-15);
    }

    [Fact]
    public void Bpref_looks_at_judged_documents_alone()
    {
        // R = 2, N = 3: the first relevant document has one non-relevant above it, the second has two.
        int?[] labels = [0, null, 1, -1, 0, -2, 1];
        Assert.Equal((1 - 1 / 2.0 + 1 - 2 / 2.0) / 2, Value("Bpref", labels, 0), 1e-15);
        // A label below the level is a non-relevant one.
        Assert.Equal((1 - 1 / 1.0) / 1, Value("Bpref(rel=2)", [1, 2], 0, 0), 1e-15);
    }

    [Fact]
    public void Labels_above_four_count_as_four_in_Err() => Assert.Equal(Value("ERR", [4, 1]), Value("ERR", [9, 1]));

    [Fact]
    public void Rbp_keeps_binary_labels_and_scales_higher_ones_by_the_highest_of_the_query()
    {
        Assert.Equal(Value("RBP(rel=1)", [1, 0, 1], 1), Value("RBP", [1, 0, 1], 1), 1e-15);
        Assert.Equal(Value("RBP", [2, 1, 0], 2), Value("RBP", [4, 2, 0], 4), 1e-15);
    }

    [Fact]
    public void Without_results_or_without_judgements_only_counts_of_judgements_are_not_zero()
    {
        foreach (var measure in MeasureSamples.All)
        {
            double counted = measure is RelevantCount ? 2 : 0;
            Assert.Equal(counted, measure.Of(MeasureSamples.Ranked([], 2, 1)));
            Assert.Equal(counted, measure.Expected(MeasureSamples.Ranked([], 2, 1)));
            if (measure is not (RetrievedCount or BinaryPreference { Rel: 0 }))
                Assert.Equal(0, measure.Of(MeasureSamples.Ranked([null, -1])));
        }
    }

    [Fact]
    public void Negative_labels_are_as_good_as_none()
    {
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            int?[] labels = [.. Enumerable.Range(0, random.Next(1, 9))
                .Select(_ => random.Next(3) == 0 ? null : (int?)random.Next(-3, 4))];
            int[] others = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(-3, 4))];
            var with = MeasureSamples.Ranked(labels, others);
            var without = MeasureSamples.Ranked(labels.Select(l => l < 0 ? null : l), [.. others.Where(l => l >= 0)]);
            Assert.All(MeasureSamples.All, m => Assert.Equal(m.Of(without), m.Of(with)));
        }
    }
}
