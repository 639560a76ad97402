using Microsoft.ML.OnnxRuntime;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Scores pairs with a cross-encoder in ONNX Runtime, fed and read as its <see cref="CrossEncoderSignature"/> says: an output of
/// [b,1] or [b] as it stands, of [b,2] as l1 - l0.
/// </summary>
public sealed class OnnxPairScorer : IPairScorer
{
    const int CpuBatchTokens = 512, CudaBatchTokens = 32_768;

    readonly InferenceSession _session;
    readonly PairEncoder _encoder;
    readonly int _paddingId;
    readonly string[] _inputs;
    readonly string _output;
    readonly bool _int32;
    readonly bool _halfOutput;

    OnnxPairScorer(InferenceSession session, OnnxModel model, ExecutionDevice device)
    {
        _session = session;
        _encoder = new PairEncoder(model.Tokenizer, model.MaxLength, model.Truncation);
        _paddingId = model.PaddingId;
        _inputs = [.. model.Signature.Inputs];
        _int32 = model.Signature.TakesInt32;
        _output = model.Signature.Output;
        _halfOutput = model.Signature.GivesFloat16;
        BatchTokens = device.CudaDevice is null ? CpuBatchTokens : CudaBatchTokens;
        Backend = new ScorerBackend(device.Name, device.CudaDevice is null ? "CPUExecutionProvider" : "CUDAExecutionProvider",
            new Dictionary<string, string> { ["onnxruntime"] = OrtEnv.Instance().GetVersionString() });
    }

    public ScorerBackend Backend { get; }

    public int BatchTokens { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="UserError">The device cannot be used, or ONNX Runtime refuses the graph.</exception>
    public static OnnxPairScorer Load(OnnxModel model, ExecutionDevice wanted)
    {
        var device = wanted.Resolve();
        using var options = new SessionOptions
        {
            // Patterns are planned for one shape, and batches differ in shape.
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (device.CudaDevice is { } number) UseCuda(options, number, wanted);
        InferenceSession? session = null;
        try
        {
            session = new InferenceSession(model.GraphFile, options);
            return new OnnxPairScorer(session, model, device);
        }
        catch (OnnxRuntimeException e)
        {
            session?.Dispose();
            throw device.CudaDevice is null
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
        int count = batch.Count, length = batch.Max(p => p.Length);
        var inputs = _int32
            ? Tensors(batch, length, value => value, count)
            : Tensors(batch, length, value => (long)value, count);
        using var options = new RunOptions();
        try
        {
            using var outputs = _session.Run(options, _inputs, inputs, [_output]);
            ReadLogits(outputs[0], logits);
        }
        catch (OnnxRuntimeException e)
        {
            throw new UserError($"ONNX Runtime failed on a batch of {count} pairs, the longest of {length} tokens: {e.Message}", Hint(e));
        }
        finally
        {
            foreach (var input in inputs) input.Dispose();
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>The graph's inputs, each [count, length], filled up with the padding id, mask 0 and type 0.</summary>
    List<OrtValue> Tensors<T>(IReadOnlyList<PreparedPair> batch, int length, Func<int, T> convert, int count) where T : unmanaged
    {
        var tensors = new List<OrtValue>(_inputs.Length);
        foreach (var input in _inputs)
        {
            var values = new T[count * length];
            if (input == "input_ids" && _paddingId != 0) Array.Fill(values, convert(_paddingId));
            for (int row = 0; row < count; row++)
            {
                var pair = (EncodedPair)batch[row];
                var line = values.AsSpan(row * length, pair.Length);
                switch (input)
                {
                    case "input_ids":
                        for (int i = 0; i < line.Length; i++) line[i] = convert(pair.Ids[i]);
                        break;
                    case "attention_mask": line.Fill(convert(1)); break;
                    case "token_type_ids": line[pair.TypeOneFrom..].Fill(convert(1)); break;
                }
            }
            tensors.Add(OrtValue.CreateTensorValueFromMemory(values, [count, length]));
        }
        return tensors;
    }

    void ReadLogits(OrtValue output, Span<float> logits)
    {
        var shape = output.GetTensorTypeAndShape().Shape;
        if (shape is not ([_] or [_, 1 or 2]))
            throw new UserError($"the model gave an output of shape [{string.Join(", ", shape)}]; expected 1 logit a pair, or 2 (l1 - l0)");
        int width = shape is [_, 2] ? 2 : 1;
        ReadOnlySpan<float> values = _halfOutput
            ? Array.ConvertAll(output.GetTensorDataAsSpan<Float16>().ToArray(), h => (float)h)
            : output.GetTensorDataAsSpan<float>();
        for (int i = 0; i < logits.Length; i++)
            logits[i] = width == 2 ? values[2 * i + 1] - values[2 * i] : values[i];
    }

    static string? Hint(OnnxRuntimeException e) =>
        RuntimeFailure.Explain(e.Message) is { } failure ? $"{failure.Cause}: {failure.Remedy}" : null;

    static void UseCuda(SessionOptions options, int device, ExecutionDevice wanted)
    {
        if (!CudaSession.IsBuiltIn) throw CudaUnusable(wanted, "this build of rlab has ONNX Runtime for the CPU only");
        try
        {
            CudaSession.Use(options, device);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaUnusable(wanted, e.Message.Trim());
        }
    }

    static UserError CudaUnusable(ExecutionDevice wanted, string reason) => new(
        wanted == ExecutionDevice.Auto
            ? $"this machine has an NVIDIA GPU, but rlab cannot use it: {reason}"
            : $"run.device is {wanted.Name}, but CUDA cannot be used: {reason}",
        RuntimeFailure.Explain(reason) is { } failure ? $"{failure.Cause}: {failure.Remedy}; rlab doctor checks all of it"
            : "build rlab with -p:OrtFlavor=Gpu and install the CUDA libraries that ONNX Runtime names, " +
              "or run on the CPU knowingly with --set run.device=cpu; rlab doctor says what is missing");
}
