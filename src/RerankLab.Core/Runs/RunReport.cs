using RerankLab.Core.Measures;

namespace RerankLab.Core.Runs;

/// <summary>What is shown of a run that was just made.</summary>
/// <param name="Record">What was kept.</param>
/// <param name="Evaluation">The measures; null without qrels.</param>
/// <param name="FirstStage">The same measures of the first stage's order; null without qrels or without such an order.</param>
/// <param name="PairsMissing">Candidates down to the experiment's depth that have no score.</param>
/// <param name="PairsBad">Distinct pairs among them that the model gave no finite score, and that were skipped.</param>
public sealed record RunReport(RunRecord Record, Evaluation? Evaluation, Evaluation? FirstStage, int PairsMissing, int PairsBad);
