using System.Text;
using Dapper;
using RerankLab.Core.Keys;

namespace RerankLab.Store.Tests;

/// <summary>The check value that every row carries.</summary>
public class RowCheckTests
{
    [Theory]
    // By a bit-by-bit CRC-32C in Python, itself checked against RFC 3720, B.4 (32 bytes of 0: 0x8A9136AA).
    [InlineData("crc32c()", 0)]
    [InlineData("crc32c(NULL)", 1737246541)]
    [InlineData("crc32c(1)", 115852236)]
    [InlineData("crc32c(1.0)", 2082400553)]
    [InlineData("crc32c('a')", -598160292)]
    [InlineData("crc32c('实验', x'00ff', -1, 0.5, NULL)", -2054377471)]
    public void The_function_is_the_CRC_of_the_values_with_type_and_length(string sql, int expected)
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);

        Assert.Equal(expected, lab.Connection.ExecuteScalar<int>($"SELECT {sql}"));
    }

    [Fact]
    public void Scores_are_written_with_the_check_that_the_schema_says()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(5);
        using var lab = LabFile.OpenForWriting(folder["lab.db"]);
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
            for (int i = 0; i < 1000; i++)
                writer.Add(random.NextInt64(long.MinValue, long.MaxValue), Some.Pair(random),
                    Some.Logit(random), random.Next());

        Assert.Equal(1000,
            lab.Connection.ExecuteScalar<int>($"SELECT count(*) FROM score WHERE {RowCheck.Holds("score")}"));
    }

    [Fact]
    public void Every_byte_flipped_in_a_scores_values_changes_its_check()
    {
        uint ofScorer = RowCheck.OfScorer(Encoding.UTF8.GetBytes(Some.Scorer().Fingerprint));
        var (query, pair, logit, tokens) = (-5L, Some.Pair(new Random(1)), 1.5, 300);
        int written = RowCheck.OfScore(ofScorer, query, pair, logit, tokens);

        for (ulong flip = 1; flip < 256; flip++)
            for (int at = 0; at < 64; at += 8)
            {
                long mask = (long)(flip << at);
                double other = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(logit) ^ mask);
                Assert.NotEqual(written, RowCheck.OfScore(ofScorer, query ^ mask, pair, logit, tokens));
                Assert.NotEqual(written,
                    RowCheck.OfScore(ofScorer, query, new PairKey(pair.Value ^ (UInt128)(ulong)mask), logit, tokens));
                Assert.NotEqual(written,
                    RowCheck.OfScore(ofScorer, query, new PairKey(pair.Value ^ ((UInt128)(ulong)mask << 64)), logit, tokens));
                Assert.NotEqual(written, RowCheck.OfScore(ofScorer, query, pair, other, tokens));
                if (at < 32)
                    Assert.NotEqual(written, RowCheck.OfScore(ofScorer, query, pair, logit, tokens ^ (int)mask));
            }
    }
}
