using RerankLab.Core.Comparison;

namespace RerankLab.Core.Tests.Comparison;

public sealed class SetupDifferenceTests
{
    [Fact]
    public void The_set_up_differs_key_by_key_and_fingerprints_of_scorers_are_left_out()
    {
        var differences = SetupDifference.Between(
            """{"dataset":{"depth":100,"qrels":"x"},"scorer":{"max_length":512,"fingerprint":"aa","data":{"w":"1"}}}""",
            """{"dataset":{"depth":null,"qrels":"x"},"scorer":{"max_length":256,"fingerprint":"bb","extra":true}}""");
        Assert.Equal(
            [new("dataset.depth", "100", "none"), new("scorer.max_length", "512", "256"), new("scorer.data.w", "1", "none"), new("scorer.extra", "none", "true")],
            differences);
        Assert.Empty(SetupDifference.Between("""{"a":1}""", """{"a":1}"""));
    }
}
