using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Tests.Keys;

public class Md5LanesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(200)]
    public void Hashes_are_those_of_the_platform_for_every_length_around_block_borders(int prefixLength) =>
        AssertSameAsPlatform(Bytes(prefixLength, 1),
            [.. Enumerable.Range(0, 260).Select(length => Bytes(length, length))]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void Hashes_are_those_of_the_platform_for_any_number_of_messages_of_mixed_lengths(int messages)
    {
        var random = new Random(messages);
        AssertSameAsPlatform(Bytes(30, 2),
            [.. Enumerable.Range(0, messages).Select(i => Bytes(random.Next(0, i % 5 == 0 ? 20_000 : 400), i))]);
    }

    static void AssertSameAsPlatform(byte[] prefix, byte[][] texts)
    {
        Assert.SkipUnless(Avx2.IsSupported, "this machine has no AVX2");
        using var pool = new TextPool();
        var block = new TextBlock();
        pool.Read([pool.Add("before"u8), .. texts.Select(t => pool.Add(t))], block);
        var keys = new PairKey[texts.Length];

        string[] expected = [.. texts.Select(t => Convert.ToHexStringLower(MD5.HashData([.. prefix, .. t])))];

        Md5Lanes.Hash(prefix, block, 1, keys);
        Assert.Equal(expected, keys.Select(k => k.ToString()));

        Array.Clear(keys);
        Md5Lanes.HashOneByOne(prefix, block, 1, keys);
        Assert.Equal(expected, keys.Select(k => k.ToString()));
    }

    static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
