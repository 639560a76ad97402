using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Scores pairs with a cross-encoder in ONNX Runtime, fed and read as its <see cref="CrossEncoderSignature"/> says: an output of
/// [b,1] or [b] as it stands, of [b,2] as l1 - l0.
/// </summary>
public sealed class OnnxPairScorer : IPairScorer
{
    /// <summary>Measured: docs/adr/0017.</summary>
    const int CpuBatchTokens = 512, CudaBatchTokens = 32_768, CudaInFlight = 2;

    readonly InferenceSession _session;
    readonly OnnxModel _model;
    readonly PairEncoder _encoder;
    readonly string[] _inputs, _outputs;
    readonly string _arena;
    readonly KernelLimit? _kernels;
    readonly ConcurrentBag<BatchInputs> _idleInputs = [];
    volatile bool _hadNoMemory;

    OnnxPairScorer(InferenceSession session, PairEncoder encoder, OnnxModel model, ExecutionDevice device, BatchLimits limits,
        ScorerBackend backend, KernelLimit? kernels)
    {
        (_session, _encoder, _model, Limits, Backend, _kernels) = (session, encoder, model, limits, backend, kernels);
        (_inputs, _outputs) = ([.. model.Signature.Inputs], [model.Signature.Output]);
        _arena = device.CudaDevice is { } number ? $"gpu:{number}" : "cpu:0";
    }

    public ScorerBackend Backend { get; }

    public BatchLimits Limits { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="UserError">The device cannot be used, or ONNX Runtime refuses the graph.</exception>
    public static OnnxPairScorer Load(OnnxModel model, ExecutionSpec wanted)
    {
        var device = wanted.Device.Resolve();
        return Load(model, wanted, device, device.CudaDevice is null ? null : KernelLimit.Of(model.Config));
    }

    internal static OnnxPairScorer Load(OnnxModel model, ExecutionSpec wanted, ExecutionDevice device, KernelLimit? kernels)
    {
        bool isCpu = device.CudaDevice is null;
        int threads = wanted.Threads ?? Environment.ProcessorCount;
        int inFlight = wanted.InFlight ?? (isCpu ? threads : CudaInFlight);
        using var options = new SessionOptions
        {
            // Patterns are planned for one shape, and batches differ in shape.
            EnableMemoryPattern = false,
            // Errors come as exceptions.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            // Several batches with a thread each waste less than one batch with all of them.
            IntraOpNumThreads = Math.Max(1, threads / inFlight),
        };
        var provider = device.CudaDevice is { } number ? UseCuda(options, number, wanted) : "CPUExecutionProvider";
        var limits = new BatchLimits(isCpu ? CpuBatchTokens : CudaBatchTokens, int.MaxValue, inFlight);
        // A large vocabulary takes as long to load as a small model does.
        var encoder = Task.Run(() => new PairEncoder(model.Tokenizer, model.MaxLength, model.Truncation));
        InferenceSession? session = null;
        try
        {
            (session, bool isNarrowed) = Open(model, options);
            var backend = new ScorerBackend(device.Name, provider, Facts(wanted, isCpu, threads, isNarrowed));
            return new OnnxPairScorer(session, encoder.GetAwaiter().GetResult(), model, device, limits, backend, kernels);
        }
        catch (OnnxRuntimeException e)
        {
            session?.Dispose();
            throw isCpu
                ? new UserError($"{model.GraphFile}: ONNX Runtime cannot load this model: {e.Message}", Hint(e))
                : CudaUnusable(wanted, e.Message.Trim());
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    public PreparedPair Prepare(string query, string passage) => _encoder.Encode(query, passage);

    public void Score(IReadOnlyList<PreparedPair> batch, Span<float> logits)
    {
        int length = batch.Max(p => p.Length), most = _kernels?.Pairs(length) ?? int.MaxValue;
        if (most == 0)
            throw new UserError($"a pair of {length} tokens is too long for ONNX Runtime's CUDA kernels, which would score it wrongly",
                "shorten pairs with scorer.max_length, or run on the CPU with run.device: cpu");
        if (batch.Count <= most) Score(batch, length, logits);
        else
            for (int start = 0; start < batch.Count; start += most)
            {
                PreparedPair[] part = [.. batch.Skip(start).Take(most)];
                Score(part, length, logits.Slice(start, part.Length));
            }
    }

    void Score(IReadOnlyList<PreparedPair> batch, int length, Span<float> logits)
    {
        if (!_idleInputs.TryTake(out var inputs)) inputs = BatchInputs.For(_model.Signature, _model.PaddingId);
        OrtValue[] tensors = [];
        try
        {
            using var options = new RunOptions();
            // Of the memory that was refused part may lie in the arena, in pieces that are too small.
            if (_hadNoMemory) options.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", _arena);
            _hadNoMemory = false;
            tensors = inputs.Of(batch, length);
            using var outputs = _session.Run(options, _inputs, tensors, _outputs);
            ReadLogits(outputs[0], logits);
        }
        catch (Exception e) when (e is OutOfMemoryException || e is OnnxRuntimeException && RuntimeFailure.IsOutOfMemory(e.Message))
        {
            _hadNoMemory = true;
            throw new ScorerOutOfMemoryException(e.Message.Trim(), e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new UserError($"ONNX Runtime failed on a batch of {batch.Count} pairs, the longest of {length} tokens: {e.Message}", Hint(e));
        }
        finally
        {
            foreach (var tensor in tensors) tensor.Dispose();
            _idleInputs.Add(inputs);
        }
    }

    public void Dispose() => _session.Dispose();

    void ReadLogits(OrtValue output, Span<float> logits)
    {
        var shape = output.GetTensorTypeAndShape().Shape;
        if (shape is not ([_] or [_, 1 or 2]))
            throw new UserError($"the model gave an output of shape [{string.Join(", ", shape)}]; expected 1 logit a pair, or 2 (l1 - l0)");
        int width = shape is [_, 2] ? 2 : 1;
        ReadOnlySpan<float> values = _model.Signature.GivesFloat16
            ? Array.ConvertAll(output.GetTensorDataAsSpan<Float16>().ToArray(), h => (float)h)
            : output.GetTensorDataAsSpan<float>();
        for (int i = 0; i < logits.Length; i++)
            logits[i] = width == 2 ? values[2 * i + 1] - values[2 * i] : values[i];
    }

    /// <summary>The graph as it is, or without the work that no logit needs.</summary>
    static (InferenceSession Session, bool IsNarrowed) Open(OnnxModel model, SessionOptions options)
    {
        if (FirstTokenGraph.Of(model.GraphFile, model.Signature.Inputs) is not { } graph)
            return (new InferenceSession(model.GraphFile, options), false);
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path",
            Path.GetDirectoryName(Path.GetFullPath(model.GraphFile))!);
        return (new InferenceSession(graph, options), true);
    }

    /// <summary>What can change speed or, a little, scores: kept with the session.</summary>
    static Dictionary<string, string> Facts(ExecutionSpec wanted, bool isCpu, int threads, bool isNarrowed)
    {
        var facts = new Dictionary<string, string> { ["onnxruntime"] = OrtEnv.Instance().GetVersionString() };
        if (isCpu) facts["threads"] = $"{threads}";
        else
            foreach (var (key, value) in wanted.CudaOptions) facts[$"cuda.{key}"] = value;
        if (isNarrowed) facts["last_layer"] = "first token";
        return facts;
    }

    static string? Hint(OnnxRuntimeException e) =>
        RuntimeFailure.Explain(e.Message) is { } failure ? $"{failure.Cause}: {failure.Remedy}" : null;

    /// <summary>The provider's name.</summary>
    static string UseCuda(SessionOptions options, int device, ExecutionSpec wanted)
    {
        if (wanted.CudaPlugin is { Exists: false } missing)
            throw CudaUnusable(wanted, $"run.cuda_plugin: there is no library {missing.Shown}");
        if (wanted.CudaPlugin is null && !CudaSession.IsBuiltIn)
            throw CudaUnusable(wanted, "this build of rlab has ONNX Runtime for the CPU only");
        try
        {
            return CudaSession.Use(options, device, wanted);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaUnusable(wanted, e.Message.Trim());
        }
    }

    static UserError CudaUnusable(ExecutionSpec wanted, string reason) => new(
        wanted.Device == ExecutionDevice.Auto
            ? $"this machine has an NVIDIA GPU, but rlab cannot use it: {reason}"
            : $"run.device is {wanted.Device.Name}, but CUDA cannot be used: {reason}",
        RuntimeFailure.Explain(reason) is { } failure ? $"{failure.Cause}: {failure.Remedy}; rlab doctor checks all of it"
            : wanted.CudaPlugin is { } plugin
            ? $"{plugin.Shown} must be the library of a CUDA provider for this version of ONNX Runtime ({OrtEnv.Instance().GetVersionString()}); " +
              "without run.cuda_plugin the provider that rlab was built with is used"
            : "build rlab with -p:OrtFlavor=Gpu and install the CUDA libraries that ONNX Runtime names, " +
              "or run on the CPU knowingly with --set run.device=cpu; rlab doctor says what is missing");
}
