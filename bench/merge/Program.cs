// Merging lab files: FOLDER QUERIES makes two files of QUERIES x 100 scores each, of one scorer and of different queries, and merges
// them into a new file, again into that file, and one into the other. Prints "what<TAB>value<TAB>unit".
using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Store;

const int PairsAQuery = 100;
var (folder, queries) = (args[0], int.Parse(args[1]));
var scorer = ScorerIdentity.Of("onnx", "bench", "fp32", new Dictionary<string, JsonNode> { ["max_length"] = 512 });
string a = Path.Combine(folder, "a.db"), b = Path.Combine(folder, "b.db"), merged = Path.Combine(folder, "merged.db");
foreach (var old in new[] { a, b, merged }) File.Delete(old);
Fill(a, 0);
Fill(b, queries);

Merge("two files into a new one", 2 * queries, merged, a, b);
Print("bytes a score, merged", new FileInfo(merged).Length / (2.0 * queries * PairsAQuery), "bytes");
Merge("the same two again", 2 * queries, merged, a, b);
Merge("one file into another", queries, a, b);
using var process = Process.GetCurrentProcess();
Print("most memory", process.PeakWorkingSet64 / 1e6, "MB");

void Fill(string path, int first)
{
    using var lab = LabFile.OpenForWriting(path);
    using var writer = new ScoreCache(lab).BeginSession(scorer, new ScorerBackend("bench", "bench", new Dictionary<string, string>()));
    Span<byte> text = stackalloc byte[8], hash = stackalloc byte[PairKey.Size];
    for (int q = first; q < first + queries; q++)
    {
        BinaryPrimitives.WriteInt32LittleEndian(text, q);
        text[4..].Clear();
        long query = PairKeys.OfQuery(text[..4]);
        for (int i = 0; i < PairsAQuery; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(text[4..], i + 1);
            MD5.HashData(text, hash);
            writer.Add(query, PairKey.From(hash), MathF.Sin(q * 0.37f + i) * 7, 60 + i);
        }
        writer.CommitIfDue();
    }
}

void Merge(string what, int ofQueries, string into, params string[] sources)
{
    var clock = Stopwatch.StartNew();
    LabMerge.Run(new MergeSpec(sources, into, IsDryRun: false), _ => { }, null, CancellationToken.None);
    Print(what, (double)ofQueries * PairsAQuery / clock.Elapsed.TotalSeconds, "scores/s");
}

static void Print(string what, double value, string unit) =>
    Console.WriteLine($"{what}\t{(value < 1000 ? value.ToString("0.00") : value.ToString("0"))}\t{unit}");
