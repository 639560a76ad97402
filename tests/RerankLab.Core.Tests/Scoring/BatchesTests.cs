using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class BatchesTests
{
    [Fact]
    public void Batches_are_a_partition_within_the_budget_and_none_could_take_one_more()
    {
        var random = new Random(13);
        for (int round = 0; round < 500; round++)
        {
            int budget = random.Next(1, 2000);
            int[] lengths = [.. Enumerable.Range(0, random.Next(0, 300)).Select(_ => random.Next(1, 600))
                .OrderDescending()];
            int at = 0;
            foreach (var range in Batches.WithinBudget(lengths, budget))
            {
                var (start, length) = range.GetOffsetAndLength(lengths.Length);
                Assert.Equal(at, start);
                Assert.True(length >= 1);
                Assert.True(length == 1 || length * lengths[start] <= budget);
                Assert.True(start + length == lengths.Length || (length + 1) * lengths[start] > budget);
                at += length;
            }
            Assert.Equal(lengths.Length, at);
        }
    }

    [Fact]
    public void A_pair_longer_than_the_budget_is_a_batch_of_its_own() =>
        Assert.Equal([0..1, 1..2, 2..5], Batches.WithinBudget([900, 512, 100, 100, 100], 400));

    [Fact]
    public void Windows_cut_the_pairs_at_depth_bands_and_at_their_size()
    {
        var pairs = Enumerable.Range(0, Batches.WindowSize + 5).Select(q => new MissingPair(q, 3, 1))
            .Append(new MissingPair(0, 10, 1)).Append(new MissingPair(0, 19, 1)).Append(new MissingPair(0, 20, 1))
                .ToArray();
        var windows = Batches.Windows(pairs).ToList();
        Assert.Equal([Batches.WindowSize, 5, 2, 1], windows.Select(w => w.Count));
        Assert.Equal(pairs, windows.SelectMany(w => w));
        Assert.Empty(Batches.Windows([]));
    }
}
