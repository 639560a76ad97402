using System.Numerics;
using Microsoft.ML.OnnxRuntime;
using RerankLab.Core.Scoring.Onnx.Tokenization;

namespace RerankLab.Core.Scoring.Onnx;

/// <summary>Makes a graph's inputs of a batch, in memory that is used again for the next.</summary>
abstract class BatchInputs
{
    /// <summary>Each input is [pairs, length], filled up with the padding id, mask 0 and type 0. Good until the next call.</summary>
    public abstract OrtValue[] Of(IReadOnlyList<PreparedPair> batch, int length);

    /// <param name="signature">Which inputs, and of which type.</param>
    /// <param name="paddingId">Fills up rows of ids.</param>
    public static BatchInputs For(CrossEncoderSignature signature, int paddingId) => signature.TakesInt32
        ? new Typed<int>([.. signature.Inputs], paddingId)
        : new Typed<long>([.. signature.Inputs], paddingId);

    sealed class Typed<T>(string[] inputs, int paddingId) : BatchInputs where T : unmanaged, INumber<T>
    {
        readonly T[][] _values = [.. inputs.Select(_ => Array.Empty<T>())];

        public override OrtValue[] Of(IReadOnlyList<PreparedPair> batch, int length)
        {
            int size = batch.Count * length;
            var tensors = new OrtValue[inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                if (_values[i].Length < size) _values[i] = new T[size];
                var values = _values[i].AsMemory(0, size);
                for (int row = 0; row < batch.Count; row++) Fill(inputs[i], (EncodedPair)batch[row], values.Span.Slice(row * length, length));
                tensors[i] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, [batch.Count, length]);
            }
            return tensors;
        }

        void Fill(string input, EncodedPair pair, Span<T> row)
        {
            var taken = row[..pair.Length];
            var padding = row[pair.Length..];
            switch (input)
            {
                case "input_ids":
                    for (int i = 0; i < taken.Length; i++) taken[i] = T.CreateTruncating(pair.Ids[i]);
                    padding.Fill(T.CreateTruncating(paddingId));
                    return;
                case "attention_mask": taken.Fill(T.One); break;
                case "token_type_ids":
                    taken[..pair.TypeOneFrom].Clear();
                    taken[pair.TypeOneFrom..].Fill(T.One);
                    break;
            }
            padding.Clear();
        }
    }
}
