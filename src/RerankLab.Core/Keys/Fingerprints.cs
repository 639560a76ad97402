using System.Buffers;
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
        var query = new ArrayBufferWriter<byte>();
        for (int q = 0; q < candidates.Count; q++)
        {
            query.ResetWrittenCount();
            Append(query, candidates[q].Id);
            Append(query, candidates[q].Documents.Length);
            for (int d = 0; d < candidates[q].Documents.Length; d++)
            {
                var document = candidates[q].Documents.Utf8(d);
                Append(query, document.Length);
                query.Write(document);
            }
            query.Write(MemoryMarshal.AsBytes(candidates[q].FirstStageScores.AsSpan()));
            foreach (var pair in keys?[q].Pairs ?? [])
            {
                pair.CopyTo(query.GetSpan(PairKey.Size));
                query.Advance(PairKey.Size);
            }
            hash.AppendData(query.WrittenSpan);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of every judgement, whatever the order of the file.</summary>
    public static string Of(Qrels qrels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var judgements = new ArrayBufferWriter<byte>();
        foreach (var query in qrels.Queries.Order(StringComparer.Ordinal))
        {
            var labels = qrels.Of(query)!;
            judgements.ResetWrittenCount();
            Append(judgements, query);
            Append(judgements, labels.Count);
            foreach (var (document, label) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
            {
                Append(judgements, document);
                Append(judgements, label);
            }
            hash.AppendData(judgements.WrittenSpan);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Append(ArrayBufferWriter<byte> bytes, string text)
    {
        Append(bytes, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, bytes);
    }

    static void Append(ArrayBufferWriter<byte> bytes, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), number);
        bytes.Advance(sizeof(int));
    }
}
