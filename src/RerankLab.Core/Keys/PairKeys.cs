using System.Buffers.Binary;
using System.Security.Cryptography;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Keys;

/// <summary>The keys under which a query's scores are kept.</summary>
/// <param name="Query">First 64 bits (big-endian) of MD5 of the query's UTF-8 bytes.</param>
/// <param name="Pairs">Parallel to the query's documents: MD5 of the UTF-8 bytes of <c>{query}_{passage}</c>.</param>
public sealed record QueryKeys(long Query, PairKey[] Pairs);

/// <summary>MD5 of <c>{query}_{passage}</c>, as a big-endian number: its order is the order of its bytes.</summary>
public readonly record struct PairKey(UInt128 Value)
{
    public const int Size = 16;

    public void CopyTo(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    public static PairKey From(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>32 lower-case hex digits, as <c>hashlib.md5(...).hexdigest()</c> writes them.</summary>
    public override string ToString() => Value.ToString("x32");
}

/// <summary>What finds a query's and a passage's text: the keys of the query and of the pair.</summary>
public readonly record struct TextKey(long Query, PairKey Pair);

/// <summary>Computes keys from texts: never from ids, file names or order.</summary>
public static class PairKeys
{
    /// <summary>The keys of every candidate, computed on all cores.</summary>
    public static QueryKeys[] Of(Dataset dataset)
    {
        if (dataset.Keys is not null) return dataset.Keys;
        var keys = new QueryKeys[dataset.CandidateTexts.Count];
        Parallel.For(0, keys.Length, i => keys[i] = Of(dataset.CandidateTexts[i], dataset.Texts));
        return keys;
    }

    /// <summary>The key of a query text.</summary>
    public static long OfQuery(ReadOnlySpan<byte> query)
    {
        Span<byte> hash = stackalloc byte[PairKey.Size];
        MD5.HashData(query, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>The keys of one query's candidates.</summary>
    public static QueryKeys Of(CandidateTexts candidates, TextPool texts)
    {
        var query = texts.Utf8(candidates.Query);
        var pairs = new PairKey[candidates.Passages.Length];
        Md5Lanes.Hash([.. query, (byte)'_'], texts, candidates.Passages, pairs);
        return new QueryKeys(OfQuery(query), pairs);
    }
}
