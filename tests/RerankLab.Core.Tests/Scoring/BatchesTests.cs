using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class BatchesTests
{
    sealed record Pair(int Of) : PreparedPair(Of, Of);

    static List<Range> Cut(int[] descending, int tokens, int pairs)
    {
        Pair[] all = Array.ConvertAll(descending, l => new Pair(l));
        var batches = new List<Range>();
        for (int start = 0, end; start < all.Length; start = end)
        {
            end = Batches.EndOf(all, start, tokens, pairs);
            batches.Add(start..end);
        }
        return batches;
    }

    [Fact]
    public void Batches_are_a_partition_within_both_limits_and_none_could_take_one_more()
    {
        var random = new Random(13);
        for (int round = 0; round < 500; round++)
        {
            var (tokens, pairs) = (random.Next(1, 2000), random.Next(3) == 0 ? random.Next(1, 20) : int.MaxValue);
            int[] lengths = [.. Enumerable.Range(0, random.Next(0, 300)).Select(_ => random.Next(1, 600))
                .OrderDescending()];
            int at = 0;
            foreach (var range in Cut(lengths, tokens, pairs))
            {
                var (start, count) = range.GetOffsetAndLength(lengths.Length);
                Assert.Equal(at, start);
                Assert.InRange(count, 1, pairs);
                Assert.True(count == 1 || count * lengths[start] <= tokens);
                Assert.True(start + count == lengths.Length || count == pairs || (count + 1) * lengths[start] > tokens);
                at += count;
            }
            Assert.Equal(lengths.Length, at);
        }
    }

    [Fact]
    public void A_pair_longer_than_the_budget_is_a_batch_of_its_own() =>
        Assert.Equal([0..1, 1..2, 2..5], Cut([900, 512, 100, 100, 100], 400, int.MaxValue));

    [Fact]
    public void Windows_are_a_partition_in_order_of_one_depth_band_each_and_within_their_limits()
    {
        var random = new Random(14);
        for (int round = 0; round < 20; round++)
        {
            int most = random.Next(2) == 0 ? 400 : 200_000;
            MissingPair[] pairs = [.. Enumerable.Range(0, random.Next(0, 60_000))
                .Select(q => new MissingPair(q, random.Next(0, 120), random.Next(0, most)))
                .OrderBy(p => DepthBand.Of(p.Candidate)).ThenByDescending(p => p.Bytes)];
            int at = 0, size = Batches.FirstWindowSize;
            foreach (var range in Batches.Windows(pairs))
            {
                var (start, count) = range.GetOffsetAndLength(pairs.Length);
                var window = pairs.AsSpan(start, count).ToArray();
                Assert.Equal(at, start);
                Assert.InRange(count, 1, size);
                int band = Assert.Single(window.Select(p => DepthBand.Of(p.Candidate)).Distinct());
                long bytes = window.Sum(p => (long)p.Bytes);
                Assert.True(count == 1 || bytes <= Batches.WindowBytes);
                // It ends for one of the three reasons, or because there are no more.
                at += count;
                Assert.True(at == pairs.Length || count == size || DepthBand.Of(pairs[at].Candidate) != band
                    || bytes + pairs[at].Bytes > Batches.WindowBytes);
                size = Math.Min(size * 2, Batches.WindowSize);
            }
            Assert.Equal(pairs.Length, at);
        }
    }

    [Fact]
    public void The_first_windows_are_small_so_that_scoring_begins_soon()
    {
        var pairs = Enumerable.Range(0, 60_000).Select(q => new MissingPair(q, 3, 1)).ToArray();
        Assert.Equal([64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 16_384],
            Batches.Windows(pairs).Take(10).Select(w => w.GetOffsetAndLength(pairs.Length).Length));
        Assert.Empty(Batches.Windows([]));
    }
}
