using System.Globalization;
using System.Runtime.InteropServices;
using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Demo;

/// <summary>The demo's scores against onnxruntime-node and Hugging Face's tokenizers (recorded by tests/reference/logits.mjs).</summary>
public sealed class ReferenceLogitsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Logits_of_every_pair_equal_those_of_another_runtime_and_another_tokenizer()
    {
        var demo = DemoCollection.Read(Repository.Demo);
        var queries = demo.Queries.ToDictionary(q => q.Id, q => q.Text);
        var passages = demo.Passages.ToDictionary(p => p.Id, p => p.Full);
        var references = File.ReadLines(Path.Combine(Repository.Root, "tests", "RerankLab.Core.Tests", "Demo", "reference-logits.tsv"))
            .Skip(1).Select(line => line.Split('\t')).ToList();
        Assert.Equal(1040, references.Count);

        var problems = new Problems();
        var spec = new ScorerSpec(new DataFile("demo", Path.Combine(Repository.Demo, "model")), "fp32", 512, Truncation.LongestFirst, null);
        var model = OnnxModelFolder.Open(spec, new FileHashes(_folder["memo"]), problems);
        Assert.Empty(problems.Shown());
        using var scorer = OnnxPairScorer.Load(model!, new ExecutionSpec(ExecutionDevice.Cpu));

        var logits = new List<float>();
        foreach (var batch in references.Chunk(16))
        {
            logits.AddRange(new float[batch.Length]);
            scorer.Score([.. batch.Select(r => scorer.Prepare(queries[r[0]], passages[r[1]]))], CollectionsMarshal.AsSpan(logits)[^batch.Length..]);
        }
        float difference = logits.Zip(references, (mine, r) => Math.Abs(mine - float.Parse(r[2], CultureInfo.InvariantCulture))).Max();
        TestContext.Current.TestOutputHelper!.WriteLine($"largest difference {difference:E2}");
        Assert.InRange(difference, 0, 1e-4f);
        Assert.True(logits.Max() - logits.Min() > 1);
    }
}
