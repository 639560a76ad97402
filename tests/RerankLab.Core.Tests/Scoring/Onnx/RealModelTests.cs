using System.Globalization;
using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Core.Tests.Scoring.Onnx;

/// <summary>
/// Models of others against onnxruntime-node and Hugging Face's Rust tokenizers on the same pairs of SciFact, recorded by
/// <c>node logits.mjs ../../../shared/models/NAME-cross-encoder ../../../shared/data/scifact/{queries.test.tsv,corpus.jsonl,run.bi-encoder.top100.trec}
/// MAX_LENGTH 40</c> in tests/reference.
/// </summary>
public sealed class RealModelTests : IDisposable
{
    const int Pairs = 40;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("minilm-scifact", 256, 1)] // WordPiece, token types
    [InlineData("tiny-xlmr", 62, 1e-6)] // byte-level BPE, no token types; untrained, so that its logits hardly differ
    public void Logits_equal_the_references_one_by_one_and_in_batches(string name, int maxLength, double spread)
    {
        var folder = Repository.Shared("models", $"{name}-cross-encoder");
        var recorded = Path.Combine(Repository.Root, "tests", "RerankLab.Core.Tests", "Scoring", "Onnx", "Recorded");
        var references = File.ReadLines(Path.Combine(recorded, $"{name}-logits.tsv")).Skip(1)
            .Select(line => line.Split('\t')).Select(f =>
                (Query: f[0], Document: f[1], Logit: float.Parse(f[2], CultureInfo.InvariantCulture))).ToList();
        var problems = new Problems();
        DataFile Real(string name) => new(name, Repository.Shared("data", "scifact", name));
        var dataset = DatasetReader.Read(new CollectionSpec(Real("queries.test.tsv"), Real("corpus.jsonl"),
            _folder.File("run", string.Concat(references.Select(r =>
                $"{r.Query} Q0 {r.Document} 0 {r.Logit:R} reference\n"))), null, null), problems);
        var spec = new ScorerSpec(new DataFile(name, folder), "fp32", maxLength, Truncation.LongestFirst, null);
        var model = OnnxModelFolder.Open(spec, new FileHashes(_folder["memo"]), problems);
        Assert.Empty(problems.Shown());

        using var scorer = OnnxPairScorer.Load(model!, new ExecutionSpec(ExecutionDevice.Cpu));
        var prepared = (from q in Enumerable.Range(0, dataset.Candidates.Count)
                        from c in Enumerable.Range(0, dataset.Candidates[q].Documents.Length)
                        let texts = dataset.CandidateTexts[q]
                        select (Pair: scorer.Prepare(dataset.Texts[texts.Query], dataset.Texts[texts.Passages[c]]),
                            Reference: (float)dataset.Candidates[q].FirstStageScores![c])).ToList();
        Assert.Equal(Pairs, prepared.Count);

        var (alone, together) = (new float[Pairs], new float[Pairs]);
        for (int i = 0; i < Pairs; i++) scorer.Score([prepared[i].Pair], alone.AsSpan(i, 1));
        // In file order, so that lengths differ within a batch.
        for (int i = 0; i < Pairs; i += 4) scorer.Score([.. prepared.Skip(i).Take(4).Select(p => p.Pair)],
            together.AsSpan(i, 4));

        float fromReference = alone.Zip(prepared, (a, p) => Math.Abs(a - p.Reference)).Max();
        float fromBatching = alone.Zip(together, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Current.TestOutputHelper!.WriteLine($"largest difference from the references {fromReference:E2}, between batches and single pairs {fromBatching:E2}");
        Assert.InRange(fromReference, 0, 1e-5f);
        Assert.InRange(fromBatching, 0, 1e-5f);
        Assert.True(alone.Max() - alone.Min() > spread);
    }
}
