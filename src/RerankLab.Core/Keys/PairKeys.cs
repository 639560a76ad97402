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
    /// <exception cref="UserError">A file of texts cannot be read any more.</exception>
    public static QueryKeys[] Of(Dataset dataset)
    {
        if (dataset.Keys is not null) return dataset.Keys;
        var keys = new QueryKeys[dataset.CandidateTexts.Count];
        try
        {
            Parallel.For(0, keys.Length, () => new TextBlock(), (i, _, block) =>
            {
                keys[i] = Of(dataset.CandidateTexts[i], dataset.Texts, block);
                return block;
            }, _ => { });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UserError>().FirstOrDefault() is { } error)
        {
            throw error;
        }
        return keys;
    }

    /// <summary>The key of a query text.</summary>
    public static long OfQuery(ReadOnlySpan<byte> query)
    {
        Span<byte> hash = stackalloc byte[PairKey.Size];
        MD5.HashData(query, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    /// <summary>Whether texts are still those that a key was made of: their file may have been changed in place.</summary>
    public static bool AreOf(TextKey key, ReadOnlySpan<byte> query, ReadOnlySpan<byte> passage)
    {
        const int shortText = 2048;
        int length = query.Length + 1 + passage.Length;
        Span<byte> pair = length <= shortText ? stackalloc byte[shortText] : new byte[length];
        query.CopyTo(pair);
        pair[query.Length] = Separator;
        passage.CopyTo(pair[(query.Length + 1)..]);
        Span<byte> hash = stackalloc byte[PairKey.Size];
        MD5.HashData(pair[..length], hash);
        return PairKey.From(hash) == key.Pair && OfQuery(query) == key.Query;
    }

    /// <summary>The keys of one query's candidates.</summary>
    /// <exception cref="UserError">A file of texts cannot be read any more.</exception>
    public static QueryKeys Of(CandidateTexts candidates, TextPool texts) => Of(candidates, texts, new TextBlock());

    static QueryKeys Of(CandidateTexts candidates, TextPool texts, TextBlock block)
    {
        // The query mostly stands beside its passages, and is read with them.
        texts.Read([candidates.Query, .. candidates.Passages], block);
        var query = block[0];
        var pairs = new PairKey[candidates.Passages.Length];
        Md5Lanes.Hash([.. query, Separator], block, first: 1, pairs);
        return new QueryKeys(OfQuery(query), pairs);
    }

    const byte Separator = (byte)'_';
}
