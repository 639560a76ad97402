using RerankLab.Core.Runs;

namespace RerankLab.Core.Tests.Runs;

static class GivenRuns
{
    public static RunRecord Run(string name = "run", string? uid = null, RunStatus status = RunStatus.Complete,
        int depth = 10, string setup = "{}",
        string scorer = "aa", params string[] measures) => new()
        {
            Uid = uid ?? Guid.CreateVersion7().ToString(),
            Name = name,
            Started = DateTimeOffset.UnixEpoch,
            Status = status,
            Depth = depth,
            ExperimentText = "",
            Overrides = [],
            ExperimentPath = "exp.yaml",
            Setup = setup,
            ScorerFingerprint = scorer,
            SessionUid = null,
            Device = null,
            Counts = new RunCounts(0, 0, 0, 0, 0, 0, 0, 0, 0),
            Seconds = [],
            Cost = null,
            Currency = null,
            Provenance = new Provenance(new Dictionary<string, string>(), null, null),
            Tags = [],
            Measures = [.. measures.Select(m => KeyValuePair.Create(m, 0.5))],
        };
}
