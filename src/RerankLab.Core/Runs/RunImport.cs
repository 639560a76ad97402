using System.Text.Json.Nodes;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Runs;

/// <summary>
/// An outside run (BM25, another tool) that becomes a run. It is ranked by its own scores, in double precision, under a
/// declared scorer of its name; its scores never enter the cache.
/// </summary>
/// <param name="Record">What is kept.</param>
/// <param name="Scorer">The declared scorer.</param>
/// <param name="Data">What it ranks.</param>
/// <param name="Evaluation">Null without qrels.</param>
/// <param name="Notes">What was left out, in sentences for the user.</param>
public sealed record RunImport(RunRecord Record, ScorerIdentity Scorer, RunData Data, Evaluation? Evaluation, IReadOnlyList<string> Notes)
{
    /// <param name="name">The new run's name.</param>
    /// <param name="run">The run file, read.</param>
    /// <param name="among">Candidates with their texts, to which the run is confined; null to take all of it, without texts.</param>
    /// <param name="experimentPath">Where the experiment with these candidates is, relative to the lab file; empty without.</param>
    /// <param name="experimentText">That experiment as written; empty without.</param>
    /// <param name="qrels">Judgements; null for those of <paramref name="among"/>, if any.</param>
    /// <param name="measures">What to measure.</param>
    /// <exception cref="UserError">Nothing of the run is left.</exception>
    public static RunImport Of(string name, TrecRun run, Dataset? among, string experimentPath, string experimentText, Qrels? qrels,
        IReadOnlyList<Measure> measures)
    {
        var (stages, started, notes) = (new Stages(), DateTimeOffset.UtcNow, new List<string>());
        qrels ??= among?.Qrels;
        var data = among is null
            ? new RunData([.. run.Queries.Select(q => Ranked(q, run.Of(q)))], keys: null, logits: null, qrels)
            : Confined(run, among, qrels, notes);
        if (data.Candidates.Count == 0)
            throw new UserError(among is null ? "the run is empty" : "no query of the run has documents among the candidates");

        int depth = data.Candidates.Max(c => c.Documents.Length);
        var scorer = ScorerIdentity.Of("imported", name, "declared",
            new Dictionary<string, JsonNode> { ["declared"] = name, ["scale"] = "as in the run file" });
        var evaluation = qrels is null ? null : Evaluation.Of(data.Rankings(depth), qrels, measures);
        var record = new RunRecord
        {
            Uid = Guid.CreateVersion7().ToString(),
            Name = name,
            Started = started,
            Status = RunStatus.Complete,
            Depth = depth,
            ExperimentText = experimentText,
            Overrides = [],
            ExperimentPath = experimentPath,
            Setup = RunSetup.Of(depth: null, Activation.None, scorer, data).ToJsonString(),
            ScorerFingerprint = scorer.Fingerprint,
            SessionUid = null,
            Device = null,
            Counts = new RunCounts(data.Candidates.Count, data.Pairs, UniquePairs: data.Pairs, 0, 0, 0, 0, 0, 0),
            Seconds = stages.Seconds,
            Cost = null,
            Currency = null,
            Provenance = ThisMachine.ProvenanceOf(Environment.CurrentDirectory),
            Tags = ["imported"],
            Measures = evaluation?.Overalls ?? [],
        };
        return new RunImport(record, scorer, data, evaluation, notes);
    }

    static CandidateQuery Ranked(string query, IEnumerable<(string Document, double Score, long Line)> documents) =>
        new(query, [.. documents.Select(d => d.Document)], [.. documents.Select(d => d.Score)]);

    static RunData Confined(TrecRun run, Dataset among, Qrels? qrels, List<string> notes)
    {
        var (candidates, keys) = (new List<CandidateQuery>(), new List<QueryKeys>());
        int outside = 0, unranked = 0;
        for (int q = 0; q < among.Candidates.Count; q++)
        {
            var (query, texts) = (among.Candidates[q], among.CandidateTexts[q]);
            var passages = query.Documents.Zip(texts.Passages).ToDictionary(p => p.First, p => p.Second);
            var ranked = run.Of(query.Id);
            var kept = ranked.Where(d => passages.ContainsKey(d.Document)).ToList();
            outside += ranked.Count - kept.Count;
            unranked += passages.Count - kept.Count;
            if (kept.Count == 0) continue;
            candidates.Add(Ranked(query.Id, kept));
            keys.Add(PairKeys.Of(texts with { Passages = [.. kept.Select(d => passages[d.Document])] }, among.Texts));
        }
        int strangers = run.Queries.Except(among.Candidates.Select(c => c.Id)).Count();
        if (strangers > 0) notes.Add($"queries of the run that the experiment does not have, left out: {strangers}");
        if (outside > 0) notes.Add($"documents of the run that are no candidates, left out: {outside}");
        if (unranked > 0) notes.Add($"candidates that the run does not rank: {unranked}");
        return new RunData(candidates, keys, logits: null, qrels);
    }
}
