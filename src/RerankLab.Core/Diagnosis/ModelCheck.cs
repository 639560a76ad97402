using System.Diagnostics;
using RerankLab.Core.Scoring.Onnx;
using RerankLab.Core.Verification;

namespace RerankLab.Core.Diagnosis;

/// <summary>Whether a model folder is whole, loads, and scores like a reranker.</summary>
public static class ModelCheck
{
    /// <summary>What the folder says, without loading it.</summary>
    public static IEnumerable<Finding> Of(ModelReport report)
    {
        if (report.Model is { } model)
            yield return Finding.Ok(ModelReport.Check,
                $"{report.Spec.Model.Shown}: {report.Config?.Architecture ?? report.Config?.ModelType ?? "a graph"}, " +
                $"{report.Spec.Precision}, {ByteSize.Shown(report.WeightBytes)}, {model.Tokenizer.Family} tokenizer, " +
                $"{model.MaxLength} tokens, fingerprint {model.Identity.ShortFingerprint}");
        foreach (var finding in report.Findings) yield return finding;
    }

    /// <summary>Loads the model and scores a handful of pairs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">Where it is to run.</param>
    /// <param name="batchTokens">Padded tokens a batch; null for the scorer's own.</param>
    public static IReadOnlyList<Finding> Try(OnnxModel model, ExecutionDevice device, int? batchTokens)
    {
        const string loading = "model loading", scoring = "scores";
        var watch = Stopwatch.StartNew();
        OnnxPairScorer scorer;
        try
        {
            scorer = OnnxPairScorer.Load(model, device);
        }
        catch (UserError e)
        {
            return [.. Finding.Of(loading, e)];
        }
        using (scorer)
        {
            var loaded = Finding.Ok(loading, $"{watch.Elapsed.TotalSeconds:0.0} s on {scorer.Backend.Device} ({scorer.Backend.Provider})");
            try
            {
                var trial = ScoringTrial.Run(scorer, model.MaxLength, batchTokens);
                return [loaded, .. ScoreChecks.Of(trial, Tolerance.DefaultFor(model.Identity))];
            }
            catch (UserError e)
            {
                return [loaded, .. Finding.Of(scoring, e)];
            }
        }
    }
}
