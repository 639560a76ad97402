using System.Text.Json.Nodes;
using RerankLab.Core.Scoring;
using RerankLab.Core.Verification;

namespace RerankLab.Cli.Output;

/// <summary>The outcome of <c>rlab cache verify</c>.</summary>
static class VerificationSummary
{
    public static void Write(VerificationReport report, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json: Listing.WriteJson(Json(report)); break;
            case OutputFormat.Tsv: Rows(report).WriteTsv(); break;
            case OutputFormat.Table: WriteTable(report); break;
        }
        Talk.Note($"tolerance {Number(report.Tolerance.Logit)} ({report.Tolerance.Reason})");
        if (!report.Passes) WriteFailures(report);
    }

    static void WriteTable(VerificationReport report)
    {
        var scores = report.Scores;
        Console.Out.WriteLine($"{scores.Pairs} of {report.Cached} cached pairs scored again on {report.Backend.Device} ({Describe(report.Backend)}).");
        if (scores.Largest is { } largest)
            Console.Out.WriteLine($"Largest difference {Number(largest.Difference)}: {Describe(largest)}. Mean {Number(scores.MeanDifference)}.");
        Console.Out.WriteLine($"Orders that changed: {report.Flips.Flips} of {report.Flips.Pairs} pairs of candidates, " +
            $"in {report.Flips.QueriesWithFlips} of {report.Flips.Queries} queries.");
        var listing = new Listing(
            "session", "started", "device", "provider", "cached", "compared", "max", "mean", "above tolerance", "tokens differ", "not finite");
        foreach (var (session, cached, s, _) in report.Sessions)
            listing.Add(session.Uid, session.Started.ToString("u"), session.Backend.Device, Describe(session.Backend), cached, s.Pairs,
                Number(s.MaxDifference), Number(s.MeanDifference), s.AboveTolerance, s.TokensDiffer, s.NotFinite);
        listing.WriteTable();
    }

    /// <summary>A row for all together and one a session, in full precision.</summary>
    static Listing Rows(VerificationReport report)
    {
        var listing = new Listing(["session", "started", "device", "provider", "cached", .. Values(report.Scores).Select(v => v.Key)]);
        listing.Add(["all", null, report.Backend.Device, report.Backend.Provider, report.Cached, .. Values(report.Scores).Select(v => v.Value)]);
        foreach (var (session, cached, scores, _) in report.Sessions)
            listing.Add([session.Uid, session.Started.ToString("O"), session.Backend.Device, session.Backend.Provider, cached,
                .. Values(scores).Select(v => v.Value)]);
        return listing;
    }

    static KeyValuePair<string, object?>[] Values(ScoreComparison scores) =>
    [
        new("compared", scores.Pairs), new("max_difference", scores.Largest?.Difference), new("mean_difference", scores.MeanDifference),
        new("query", scores.Largest?.Query), new("document", scores.Largest?.Document),
        new("cached_logit", scores.Largest?.Cached), new("logit", scores.Largest?.Rescored),
        new("above_tolerance", scores.AboveTolerance), new("tokens_differ", scores.TokensDiffer), new("not_finite", scores.NotFinite),
    ];

    static JsonObject Json(VerificationReport report) => new(
    [
        new("passes", report.Passes),
        new("scorer", report.Scorer.Fingerprint),
        new("approximate", report.Scorer.IsApproximate),
        new("tolerance", report.Tolerance.Logit),
        new("tolerance_reason", report.Tolerance.Reason),
        new("seed", report.Seed),
        new("device", report.Backend.Device),
        new("provider", report.Backend.Provider),
        new("versions", Versions(report.Backend)),
        new("cached", report.Cached),
        .. Json(report.Scores),
        new("flips", new JsonObject
        {
            ["flips"] = report.Flips.Flips,
            ["pairs"] = report.Flips.Pairs,
            ["queries_with_flips"] = report.Flips.QueriesWithFlips,
            ["queries"] = report.Flips.Queries,
        }),
        new("sessions", new JsonArray([.. report.Sessions.Select(s => new JsonObject(
        [
            new("session", s.Session.Uid),
            new("started", s.Session.Started.ToString("O")),
            new("device", s.Session.Backend.Device),
            new("provider", s.Session.Backend.Provider),
            new("versions", Versions(s.Session.Backend)),
            new("setup_differs", new JsonArray([.. s.SetupDiffers.Select(d => JsonValue.Create(d))])),
            new("passes", s.Scores.Passes),
            new("cached", s.Cached),
            .. Json(s.Scores),
        ]))])),
    ]);

    static IEnumerable<KeyValuePair<string, JsonNode?>> Json(ScoreComparison scores) =>
    [
        new("compared", scores.Pairs),
        new("max_difference", scores.Largest?.Difference),
        new("mean_difference", scores.MeanDifference),
        new("largest", Json(scores.Largest)),
        new("above_tolerance", scores.AboveTolerance),
        new("tokens_differ", scores.TokensDiffer),
        new("first_of_other_length", Json(scores.FirstOfOtherLength)),
        new("not_finite", scores.NotFinite),
        new("first_not_finite", Json(scores.FirstNotFinite)),
    ];

    static JsonObject? Json(RescoredPair? pair) => pair is null ? null : new JsonObject
    {
        ["query"] = pair.Query,
        ["document"] = pair.Document,
        ["cached_logit"] = pair.Cached,
        // JSON has no word for what is not finite.
        ["logit"] = pair.IsFinite ? pair.Rescored : null,
        ["cached_tokens"] = pair.CachedTokens,
        ["tokens"] = pair.Tokens,
    };

    static JsonObject Versions(ScorerBackend backend) =>
        new(backend.Versions.Select(v => KeyValuePair.Create(v.Key, (JsonNode?)v.Value)));

    /// <summary>What failed, and what to do about it.</summary>
    static void WriteFailures(VerificationReport report)
    {
        var scores = report.Scores;
        if (scores.AboveTolerance > 0)
            Talk.Failure($"logits that moved by more than {Number(report.Tolerance.Logit)}: {scores.AboveTolerance} of {scores.Pairs}, " +
                $"by {Number(scores.MaxDifference)} at most: {Describe(scores.Largest!)}");
        if (scores.FirstOfOtherLength is { } other)
            Talk.Failure($"pairs with another number of tokens than is cached: {scores.TokensDiffer}, e.g. query '{other.Query}', " +
                $"document '{other.Document}' (cached {other.CachedTokens}, now {other.Tokens}): " +
                "the tokenizer works otherwise than it did, however close the logits are");
        if (scores.FirstNotFinite is { } bad)
            Talk.Failure($"pairs that get NaN or infinity on this machine: {scores.NotFinite}, e.g. query '{bad.Query}', document '{bad.Document}' " +
                $"(cached {bad.Cached}): do not score here; an fp16 model that overflows is the usual cause");

        var failed = report.Sessions.Where(s => !s.Scores.Passes).ToList();
        foreach (var (session, cached, _, differs) in failed)
            Talk.Note($"session {session.Uid} ({session.Backend.Device}, {session.Started:u}, {cached} pairs of this experiment): " +
                (differs.Count > 0 ? $"differs from here in {string.Join(", ", differs)}" : "nothing recorded differs from here"));
        Talk.Note("what can differ and is not recorded: TF32, the level of graph optimisation, the driver, scores changed by hand");
        int agree = report.Sessions.Count - failed.Count;
        Talk.Note(agree > 0
            ? $"sessions that agree with this machine: {agree}; drop the scores of those that do not, and run the experiment again, " +
              "which scores them anew (docs/cache.md)"
            : "no session agrees with this machine: scores made here must not be added to these; go on where they were made, " +
              "or score in a lab file of its own (--lab), or drop them and run the experiment again here (docs/cache.md)");
    }

    static string Describe(RescoredPair pair) => $"query '{pair.Query}', document '{pair.Document}', cached {pair.Cached}, now {pair.Rescored}";

    static string Describe(ScorerBackend backend) =>
        $"{backend.Provider}, {string.Join(", ", backend.Versions.Select(v => $"{v.Key} {v.Value}"))}";

    /// <summary>Small differences need their exponent.</summary>
    static string Number(double difference) => difference == 0 ? "0" : difference.ToString("0.##E+0");
}
