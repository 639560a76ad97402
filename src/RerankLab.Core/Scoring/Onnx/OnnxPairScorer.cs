using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// Scores pairs with a cross-encoder in ONNX Runtime. Inputs are found in the graph (<c>input_ids</c>, and where they exist
/// <c>attention_mask</c> and <c>token_type_ids</c>, int64 or int32); the output is <c>logits</c>, else the only one there is:
/// [b,1] or [b] as it stands, [b,2] as l1 - l0.
/// </summary>
public sealed class OnnxPairScorer : IPairScorer
{
    const int CpuBatchTokens = 512, CudaBatchTokens = 32_768;

    readonly InferenceSession _session;
    readonly PairEncoder _encoder;
    readonly string[] _inputs;
    readonly string _output;
    readonly bool _int32;
    readonly bool _halfOutput;

    OnnxPairScorer(InferenceSession session, OnnxModel model, ExecutionDevice device)
    {
        _session = session;
        _encoder = new PairEncoder(model.Tokenizer, model.MaxLength, model.Truncation);
        _inputs = [.. session.InputMetadata.Keys];
        _int32 = CheckInputs(session, model.GraphFile);
        _output = ChooseOutput(session, model.GraphFile);
        _halfOutput = session.OutputMetadata[_output].ElementDataType == TensorElementType.Float16;
        BatchTokens = device.CudaDevice is null ? CpuBatchTokens : CudaBatchTokens;
        Backend = new ScorerBackend(device.Name, device.CudaDevice is null ? "CPUExecutionProvider" : "CUDAExecutionProvider",
            new Dictionary<string, string> { ["onnxruntime"] = OrtEnv.Instance().GetVersionString() });
    }

    public ScorerBackend Backend { get; }

    public int BatchTokens { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="UserError">The device cannot be used, or the graph is no cross-encoder that rlab knows.</exception>
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
                ? new UserError($"{model.GraphFile}: ONNX Runtime cannot load this model: {e.Message}")
                : CudaUnusable(wanted, e.Message);
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
            if (input == "input_ids" && _encoder.PaddingId != 0) Array.Fill(values, convert(_encoder.PaddingId));
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
        int width = output.GetTensorTypeAndShape().Shape is [_, var columns] ? (int)columns : 1;
        if (width is not (1 or 2)) throw new UserError($"the model gave {width} values a pair; expected 1 logit, or 2 (l1 - l0)");
        ReadOnlySpan<float> values = _halfOutput
            ? Array.ConvertAll(output.GetTensorDataAsSpan<Float16>().ToArray(), h => (float)h)
            : output.GetTensorDataAsSpan<float>();
        for (int i = 0; i < logits.Length; i++)
            logits[i] = width == 2 ? values[2 * i + 1] - values[2 * i] : values[i];
    }

    static void UseCuda(SessionOptions options, int device, ExecutionDevice wanted)
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            throw CudaUnusable(wanted, "this build of rlab has ONNX Runtime for the CPU only");
        try
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new Dictionary<string, string>
            {
                ["device_id"] = $"{device}",
                // TF32 rounds the factors of every product: another score than fp32's.
                ["use_tf32"] = "0",
            });
            options.AppendExecutionProvider_CUDA(cuda);
        }
        catch (OnnxRuntimeException e)
        {
            throw CudaUnusable(wanted, e.Message);
        }
    }

    static UserError CudaUnusable(ExecutionDevice wanted, string reason) => new(
        wanted == ExecutionDevice.Auto
            ? $"this machine has an NVIDIA GPU, but rlab cannot use it: {reason}"
            : $"run.device is {wanted.Name}, but CUDA cannot be used: {reason}",
        "build rlab with -p:OrtFlavor=Gpu and install the CUDA and cuDNN libraries that ONNX Runtime names, " +
        "or run on the CPU knowingly with --set run.device=cpu");

    /// <summary>True where the graph takes int32.</summary>
    static bool CheckInputs(InferenceSession session, string graph)
    {
        string[] known = ["input_ids", "attention_mask", "token_type_ids"];
        var inputs = session.InputMetadata;
        var unknown = inputs.Keys.Except(known).ToList();
        if (unknown.Count > 0 || !inputs.ContainsKey("input_ids"))
            throw new UserError($"{graph}: unexpected inputs ({string.Join(", ", inputs.Keys)}); a cross-encoder takes " +
                                "input_ids, and perhaps attention_mask and token_type_ids",
                unknown.Any(n => n.StartsWith("past_key", StringComparison.Ordinal) || n == "position_ids")
                    ? "this looks like a decoder; export it as a sequence classifier" : null);
        var types = inputs.Values.Select(i => i.ElementDataType).Distinct().ToList();
        if (types is not [TensorElementType.Int64 or TensorElementType.Int32])
            throw new UserError($"{graph}: expected inputs of int64 or of int32, found {string.Join(", ", types)}");
        return types[0] == TensorElementType.Int32;
    }

    static string ChooseOutput(InferenceSession session, string graph)
    {
        var outputs = session.OutputMetadata;
        var name = outputs.ContainsKey("logits") ? "logits" : outputs.Count == 1 ? outputs.Keys.First() : null;
        if (name is not null
            && outputs[name].ElementDataType is TensorElementType.Float or TensorElementType.Float16
            && outputs[name].Dimensions is [_] or [_, 1 or 2 or -1])
            return name;
        var shown = outputs.Select(o => $"{o.Key} [{string.Join(", ", o.Value.Dimensions.Select((d, i) => d < 0 ? o.Value.SymbolicDimensions[i] : $"{d}"))}]");
        throw new UserError($"{graph}: expected an output 'logits' of shape [batch, 1], [batch, 2] or [batch], found {string.Join(", ", shown)}",
            outputs.Keys.Any(k => k.Contains("hidden_state") || k.Contains("embedding"))
                ? "this looks like a bi-encoder (an embedding model), which scores texts one by one; rlab needs a cross-encoder (a reranker)" : null);
    }
}
