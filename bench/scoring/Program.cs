// What rlab adds to a model's own work. Prints "what<TAB>value<TAB>unit".
//   pipeline EXPERIMENT.yaml ROUNDS    rlab from planning to the closed lab file, in turn with InferenceSession.Run alone on batches
//                                      that were made before
//   overhead PAIRS                     planning, and a pass into a lab file by a scorer that does nothing
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Core.Scoring.Onnx.Tokenization;
using RerankLab.Store;

switch (args[0])
{
    case "pipeline": Pipeline(args[1], int.Parse(args[2])); break;
    case "overhead": Overhead(int.Parse(args[1])); break;
}

static void Pipeline(string file, int rounds)
{
    var experiment = Experiment.Read(DataFile.FromCommandLine(file), [], FileHashes.OfThisMachine(), new Stages());
    var (dataset, model) = (experiment.Dataset, experiment.Model!);
    var device = experiment.Spec.Execution.Device.Resolve();
    using var scorer = OnnxPairScorer.Load(model, experiment.Spec.Execution);
    var batches = OptimalBatches(dataset, scorer);
    // Many threads in one run, and as many runs at a time of one thread each; on a GPU one run at a time, and two.
    int cores = Environment.ProcessorCount, lanes = device.CudaDevice is null ? cores : 2;
    // The graph that rlab runs, whose last layer is made for the first tokens only, and once the graph of the file.
    var graph = FirstTokenGraph.Of(model.GraphFile, model.Signature.Inputs)!;
    using var threaded = Session(graph, device, cores);
    using var single = Session(graph, device, 1);
    using var whole = Session(File.ReadAllBytes(model.GraphFile), device, 1);
    foreach (var (session, runs) in new[] { (threaded, 1), (single, lanes), (whole, lanes) })
        Bare(session, model, batches[..Math.Min(8, batches.Count)], runs);

    var ratios = new List<double>();
    for (int round = 0; round < rounds; round++)
    {
        double inOne = Bare(threaded, model, batches, 1), inMany = Bare(single, model, batches, lanes);
        double bound = device.CudaDevice is null ? double.MaxValue : Bare(single, model, batches, lanes, binds: true);
        var clock = Stopwatch.StartNew();
        var (keys, missing) = Plan(dataset);
        ScoreMissing(dataset, keys, missing, scorer, model.Identity);
        double rlab = clock.Elapsed.TotalSeconds;
        Print(device.CudaDevice is null ? $"bare, one run of {cores} threads at a time" : "bare, one run at a time", inOne, "s");
        Print($"bare, {lanes} runs at a time", inMany, "s");
        Print($"bare, {lanes} runs at a time, the graph of the file", Bare(whole, model, batches, lanes), "s");
        if (bound < double.MaxValue) Print($"bare, {lanes} runs at a time, inputs and outputs bound", bound, "s");
        Print("rlab", rlab, "s");
        ratios.Add(Math.Min(Math.Min(inOne, inMany), bound) / rlab);
    }
    Print("rlab's speed, of the best bare one's; median, of two the lower", 100 * ratios.Order().ElementAt((rounds - 1) / 2), "%");
}

// The pairs of a dataset, sorted as a whole and within the budget that the scorer asks for.
static List<EncodedPair[]> OptimalBatches(Dataset dataset, IPairScorer scorer)
{
    var pairs = dataset.CandidateTexts
        .SelectMany(t => t.Passages.Select(p => (EncodedPair)scorer.Prepare(dataset.Texts[t.Query], dataset.Texts[p])))
        .OrderByDescending(p => p.Length).ToArray();
    var batches = new List<EncodedPair[]>();
    for (int start = 0, end; start < pairs.Length; start = end)
    {
        end = Batches.EndOf(pairs, start, scorer.Limits.Tokens, scorer.Limits.Pairs);
        batches.Add(pairs[start..end]);
    }
    return batches;
}

static InferenceSession Session(byte[] graph, ExecutionDevice device, int threads)
{
    using var options = new SessionOptions { EnableMemoryPattern = false, IntraOpNumThreads = threads };
    if (device.CudaDevice is { } number)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = $"{number}", ["use_tf32"] = "0" });
        options.AppendExecutionProvider_CUDA(cuda);
    }
    return new InferenceSession(graph, options);
}

// Seconds of running batches whose tensors are there already.
static double Bare(InferenceSession session, OnnxModel model, List<EncodedPair[]> batches, int lanes, bool binds = false)
{
    string[] names = [.. model.Signature.Inputs];
    var inputs = batches.Select(batch => names.Select(name => Tensor(name, batch)).ToArray()).ToArray();
    int next = -1;
    var clock = Stopwatch.StartNew();
    var running = Enumerable.Range(0, lanes).Select(_ => new Thread(() =>
    {
        using var options = new RunOptions();
        for (int i; (i = Interlocked.Increment(ref next)) < inputs.Length;)
            if (binds) Bound(session, options, names, inputs[i], model.Signature.Output);
            else session.Run(options, names, inputs[i], [model.Signature.Output]).Dispose();
    })).ToArray();
    foreach (var lane in running) lane.Start();
    foreach (var lane in running) lane.Join();
    double seconds = clock.Elapsed.TotalSeconds;
    foreach (var tensor in inputs.SelectMany(i => i)) tensor.Dispose();
    return seconds;
}

// The same with ONNX Runtime's binding of inputs and outputs.
static void Bound(InferenceSession session, RunOptions options, string[] names, OrtValue[] inputs, string output)
{
    using var binding = session.CreateIoBinding();
    for (int i = 0; i < names.Length; i++) binding.BindInput(names[i], inputs[i]);
    binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
    session.RunWithBinding(options, binding);
    binding.SynchronizeBoundOutputs();
    binding.GetOutputValues().Dispose();
}

// One that takes int64 and is padded with 0, as BERT's are.
static OrtValue Tensor(string input, EncodedPair[] batch)
{
    int length = batch[0].Length;
    var values = new long[batch.Length * length];
    for (int row = 0; row < batch.Length; row++)
        for (int i = 0; i < batch[row].Length; i++)
            values[row * length + i] = input switch
            {
                "input_ids" => batch[row].Ids[i],
                "attention_mask" => 1,
                _ => i < batch[row].TypeOneFrom ? 0 : 1,
            };
    return OrtValue.CreateTensorValueFromMemory(values, [batch.Length, length]);
}

static void Overhead(int pairs)
{
    var dataset = ShortTexts(pairs);
    var identity = ScorerIdentity.Of("onnx", "bench", "fp32", new Dictionary<string, JsonNode> { ["max_length"] = 512 });
    for (int round = 0; round < (pairs > 1_000_000 ? 1 : 3); round++)
    {
        string name = round == 0 ? "first" : "warm";
        var keys = PairKeys.Of(dataset);
        var scores = new PairScores(keys);
        var missing = Measured($"planned, {name}", () => MissingPairs.Of(dataset, keys, scores));
        Measured($"through, {name}", () => ScoreMissing(dataset, keys, missing, new NullScorer(), identity));
    }

    T Measured<T>(string what, Func<T> work)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var made = work();
        Print(what, pairs / clock.Elapsed.TotalSeconds, "pairs/s");
        Print("processor time of it", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / pairs, "µs a pair");
        return made;
    }
}

// A hundred passages a query, of 40 to 199 bytes.
static Dataset ShortTexts(int pairs)
{
    const int depth = 100;
    var (pool, candidates, texts) = (new TextPool(), new List<CandidateQuery>(), new List<CandidateTexts>());
    DocumentIds ids = [.. Enumerable.Range(0, depth).Select(i => $"d{i}")];
    for (int q = 0; q < pairs / depth; q++)
    {
        var passages = Enumerable.Range(0, depth).Select(i => Add($"passage {i} of {q}, ".PadRight(40 + (q * 31 + i * 17) % 160, 'x')));
        candidates.Add(new CandidateQuery($"q{q}", ids, null));
        texts.Add(new CandidateTexts(Add($"query {q}: what is it"), [.. passages]));
    }
    return new Dataset(candidates, texts, pool, null, true, []);

    int Add(string text) => pool.Add(Encoding.UTF8.GetBytes(text));
}

static (QueryKeys[] Keys, MissingPairs Missing) Plan(Dataset dataset)
{
    var keys = PairKeys.Of(dataset);
    return (keys, MissingPairs.Of(dataset, keys, new PairScores(keys)));
}

// As rlab run does it, into a new lab file that is closed at the end.
static ScoringCounts ScoreMissing(Dataset dataset, QueryKeys[] keys, MissingPairs missing, IPairScorer scorer, ScorerIdentity identity)
{
    var folder = Directory.CreateTempSubdirectory("rlab-bench-");
    ScoringCounts counts;
    using (var lab = LabFile.OpenForWriting(Path.Combine(folder.FullName, "lab.db")))
    using (var writer = new ScoreCache(lab).BeginSession(identity, scorer.Backend))
        counts = new ScoringPass(dataset, keys, scorer, writer).Run(missing.Pairs, new ScoringOptions(), CancellationToken.None);
    folder.Delete(recursive: true);
    return counts.Scored == missing.Pairs.Count ? counts : throw new InvalidOperationException("not every pair was scored");
}

static void Print(string what, double value, string unit) =>
    Console.WriteLine($"{what}\t{(value < 1000 ? value.ToString("0.00") : value.ToString("0"))}\t{unit}");

// Gives every pair 0, in batches of a GPU's size.
sealed class NullScorer : IPairScorer
{
    public ScorerBackend Backend { get; } = new("none", "none", new Dictionary<string, string>());

    public BatchLimits Limits { get; } = new(32_768, int.MaxValue, 1);

    public PreparedPair Prepare(string query, string passage) => new Prepared((query.Length + passage.Length) / 4);

    public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits) => logits.Clear();

    public void Dispose() { }

    sealed record Prepared(int Tokens) : PreparedPair(Tokens, Tokens);
}
