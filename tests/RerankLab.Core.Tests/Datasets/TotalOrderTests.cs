using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class TotalOrderTests
{
    [Fact]
    public void The_higher_score_comes_first() => Assert.True(TotalOrder.Compare(2, "a", 1, "b") < 0);

    [Fact]
    public void Of_equal_scores_the_higher_id_comes_first()
    {
        Assert.True(TotalOrder.Compare(1, "b", 1, "a") < 0);
        Assert.True(TotalOrder.Compare(1, "d10", 1, "d9") > 0);
        Assert.True(TotalOrder.Compare(1, "ab", 1, "a") < 0);
        Assert.Equal(0, TotalOrder.Compare(1, "a", 1, "a"));
    }

    [Theory]
    [InlineData("Z", "a")] // no language's order
    [InlineData("z", "é")]
    [InlineData("\uFFFD", "\U00010000")] // UTF-16 code units would say otherwise
    [InlineData("\uE000", "\U0001F642")]
    [InlineData("\uD7FF", "\uE000")]
    [InlineData("\U0001F642", "\U0001F643")]
    [InlineData("\U0001F642", "\U00020000")]
    public void Ids_are_compared_by_their_utf8_bytes(string lower, string higher)
    {
        Assert.True(TotalOrder.CompareUtf8(lower, higher) < 0);
        Assert.True(TotalOrder.CompareUtf8(higher, lower) > 0);
    }

    [Fact]
    public void Random_ids_compare_as_their_real_utf8_bytes_do()
    {
        var random = new Random(20_260_101);
        for (int i = 0; i < 100_000; i++)
        {
            var common = Ground.RandomText(random, random.Next(0, 3));
            var a = common + Ground.RandomText(random, random.Next(0, 3));
            var b = common + Ground.RandomText(random, random.Next(0, 3));
            int expected = Math.Sign(a.Utf8().AsSpan().SequenceCompareTo(b.Utf8()));
            if (expected != Math.Sign(TotalOrder.CompareUtf8(a, b)))
                Assert.Fail($"'{a}' ({CodeUnits(a)}) and '{b}' ({CodeUnits(b)})");
        }

        static string CodeUnits(string text) => string.Join(' ', text.Select(c => $"{(int)c:x4}"));
    }
}
