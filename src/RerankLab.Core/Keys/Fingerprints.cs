using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Keys;

/// <summary>SHA-256 of what an experiment was run on, so that equal candidates and qrels are kept once. 64 hex digits.</summary>
public static class Fingerprints
{
    /// <summary>Of query ids, document ids, first-stage scores and, where texts are known, pair keys, in order.</summary>
    public static string Of(IReadOnlyList<CandidateQuery> candidates, IReadOnlyList<QueryKeys>? keys)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> key = stackalloc byte[PairKey.Size];
        for (int q = 0; q < candidates.Count; q++)
        {
            Append(hash, candidates[q].Id);
            Append(hash, candidates[q].Documents.Length);
            foreach (var document in candidates[q].Documents) Append(hash, document);
            hash.AppendData(MemoryMarshal.AsBytes(candidates[q].FirstStageScores.AsSpan()));
            foreach (var pair in keys?[q].Pairs ?? [])
            {
                pair.CopyTo(key);
                hash.AppendData(key);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of every judgement, whatever the order of the file.</summary>
    public static string Of(Qrels qrels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var query in qrels.Queries.Order(StringComparer.Ordinal))
        {
            var labels = qrels.Of(query)!;
            Append(hash, query);
            Append(hash, labels.Count);
            foreach (var (document, label) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            {
                Append(hash, document);
                Append(hash, label);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
