using System.Globalization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>How a cross-encoder's graph is fed and read.</summary>
/// <param name="Inputs">Those of <c>input_ids</c>, <c>attention_mask</c>, <c>token_type_ids</c> that the graph takes, in its order.</param>
/// <param name="TakesInt32">True where they are int32, else int64.</param>
/// <param name="Output">The output that holds the logits.</param>
/// <param name="GivesFloat16">True where it is float16, else float32.</param>
public sealed record CrossEncoderSignature(IReadOnlyList<string> Inputs, bool TakesInt32, string Output, bool GivesFloat16)
{
    static readonly string[] KnownInputs = ["input_ids", "attention_mask", "token_type_ids"];

    /// <summary>Null, with problems, where the graph is no cross-encoder that rlab can score with.</summary>
    /// <param name="graph">What the ONNX file says.</param>
    /// <param name="file">The file's name in messages.</param>
    /// <param name="report">Receives everything that is wrong.</param>
    public static CrossEncoderSignature? Of(OnnxGraph graph, string file, Action<string> report)
    {
        bool good = true;
        CheckInputs(graph, Refuse);
        var output = ChooseOutput(graph, Refuse);
        return good ? new CrossEncoderSignature([.. graph.Inputs.Select(i => i.Name)], graph.Inputs[0].Type == "int32", output!.Name,
            output.Type == "float16") : null;

        void Refuse(string problem)
        {
            good = false;
            report($"{file}: {problem}");
        }
    }

    static void CheckInputs(OnnxGraph graph, Action<string> refuse)
    {
        var names = graph.Inputs.Select(i => i.Name).ToList();
        if (names.Except(KnownInputs).Any() || !names.Contains("input_ids"))
        {
            refuse($"unexpected inputs ({string.Join(", ", names)}); a cross-encoder takes input_ids, and perhaps attention_mask and token_type_ids"
                   + (IsDecoder(graph) ? "; this looks like a decoder: export it as a sequence classifier"
                       : names.Contains("position_ids") ? "; export it without position_ids, which such a model can count itself" : ""));
            return;
        }
        var types = graph.Inputs.Select(i => i.Type).Distinct().ToList();
        if (types is not ["int64" or "int32"]) refuse($"expected inputs of int64 or of int32, found {string.Join(", ", types)}");
        if (graph.Inputs.FirstOrDefault(i => i.Shape is not (null or [_, _]) || i.Shape?.Any(IsFixed) == true) is { } odd)
            refuse($"expected inputs of [batch, sequence], found {odd}" +
                   (odd.Shape!.Count == 2 ? ": batches and lengths differ; export it with dynamic axes" : ""));
    }

    static OnnxGraphValue? ChooseOutput(OnnxGraph graph, Action<string> refuse)
    {
        var output = graph.Outputs.FirstOrDefault(o => o.Name == "logits") ?? (graph.Outputs.Count == 1 ? graph.Outputs[0] : null);
        bool isEmbedding = output?.Name != "logits" && graph.Outputs.Any(IsEmbedding);
        if (isEmbedding || output is not { Shape: null or [_] or [_, _] } || output.Shape is [_, var columns] && IsFixed(columns) && columns is not ("1" or "2"))
            refuse($"expected an output 'logits' of shape [batch, 1], [batch, 2] or [batch], found {string.Join(", ", graph.Outputs)}" + (
                isEmbedding ? "; this looks like a bi-encoder (an embedding model), which scores texts one by one: rlab needs a cross-encoder (a reranker)"
                : output is { Shape: [_, not "?"] }
                    ? $"; this looks like a classifier of {output.Shape![1]} classes (of inference, NLI?), not a reranker"
                : output is { Name: "logits", Shape.Count: 3 } ? "; this looks like a language model (a decoder reranker?): export it as a sequence classifier"
                : ""));
        else if (output.Type is not ("float" or "float16"))
            refuse($"expected logits of float or float16, found {output.Type}; export it with a Cast to float at the end");
        return output;
    }

    /// <summary>A decoder keeps what it has read (keys and values), or gives logits of each token.</summary>
    static bool IsDecoder(OnnxGraph graph) => graph.Inputs.Any(i => i.Name.StartsWith("past_key", StringComparison.Ordinal))
        || graph.Outputs.Any(o => o is { Name: "logits", Shape.Count: 3 } || o.Name.StartsWith("present", StringComparison.Ordinal));

    static bool IsEmbedding(OnnxGraphValue output) =>
        output.Name.Contains("hidden_state") || output.Name.Contains("embedding") || output.Name == "pooler_output";

    static bool IsFixed(string dimension) => long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
