using System.Diagnostics;
using RerankLab.Core.Scoring;
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
    /// <param name="execution">Where and how it is to run.</param>
    /// <param name="batching">The user's limits of a batch.</param>
    public static IReadOnlyList<Finding> Try(OnnxModel model, ExecutionSpec execution, ScoringOptions batching)
    {
        const string loading = "model loading", scoring = "scores";
        var watch = Stopwatch.StartNew();
        OnnxPairScorer scorer;
        try
        {
            scorer = OnnxPairScorer.Load(model, execution);
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
                var trial = ScoringTrial.Run(scorer, model.MaxLength, batching);
                return [loaded, .. ScoreChecks.Of(trial, Tolerance.DefaultFor(model.Identity))];
            }
            catch (UserError e)
            {
                return [loaded, .. Finding.Of(scoring, e)];
            }
            catch (ScorerOutOfMemoryException e)
            {
                return [loaded, Finding.Warning(scoring, $"out of memory on a whole batch of the longest pairs: {e.Message}",
                    "a run goes on with smaller batches; set run.batch_tokens to spare it the search")];
            }
        }
    }
}
