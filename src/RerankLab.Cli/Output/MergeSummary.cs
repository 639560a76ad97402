using System.Text.Json.Nodes;
using RerankLab.Store;

namespace RerankLab.Cli.Output;

/// <summary>The outcome of <c>rlab cache merge</c>.</summary>
static class MergeSummary
{
    public static void Write(MergeReport report, OutputFormat format)
    {
        if (format == OutputFormat.Json)
            Listing.WriteJson(Json(report));
        else
        {
            Counts(report).Write(format);
            if (format == OutputFormat.Table && report.Differing > 0) Differences(report).WriteTable();
            if (format == OutputFormat.Table && report.Flips.Count > 0) Flips(report).WriteTable();
        }
        WriteNotes(report);
    }

    static Listing Counts(MergeReport report)
    {
        var listing = new Listing("what", "added", "there already", "differing", "repaired", "damaged");
        foreach (var (what, count) in report.Counts)
            listing.Add(what, count.Added, count.Known, what == "scores" ? report.Differing : 0L, count.Repaired, count.Damaged);
        return listing;
    }

    /// <summary>Scores that differ, by where both were made.</summary>
    static Listing Differences(MergeReport report)
    {
        var listing = new Listing("kept: made on", "dropped: made on", "scores", "largest difference");
        foreach (var d in report.Differences) listing.Add(Describe(d.Kept), Describe(d.Other), d.Scores, $"{d.Largest:0.##E+0}");
        return listing;
    }

    static Listing Flips(MergeReport report)
    {
        var listing = new Listing("run", "name", "queries", "would rank otherwise");
        foreach (var flips in report.Flips) listing.Add(flips.Uid, flips.Name, flips.Queries, flips.Changed);
        return listing;
    }

    static void WriteNotes(MergeReport report)
    {
        if (report.Damaged > 0)
            Talk.Note("rows that do not agree with their check value (damaged on disk, or changed by hand), " +
                $"or belong to one that does not, not copied: {report.Damaged}");
        if (report.Largest is { } largest)
        {
            Talk.Note($"scores of the same pair and scorer that differ: {report.Differing}, by {largest.Largest:0.##E+0} at most " +
                $"(pair {largest.At.Pair}, scorer {largest.At.Scorer[..12]}: kept {(float)largest.Logits.Kept}, " +
                $"dropped {(float)largest.Logits.Other}); those of {report.Spec.Into} are kept");
            Talk.Note(report.Flips.Count == 0
                ? $"none of {report.RunsLookedAt} runs with these scorers would rank otherwise with the merged scores"
                : $"runs that would rank otherwise with the merged scores: {report.Flips.Count} of {report.RunsLookedAt} " +
                  $"({string.Join(", ", report.Flips.Take(5).Select(f => $"{f.Name}: {f.Changed} of {f.Queries} queries"))}); " +
                  "they keep their own logits");
        }
        Talk.Note(report.Spec.IsDryRun ? $"a dry run: {report.Spec.Into} was not changed" : $"merged into {report.Spec.Into}");
    }

    static JsonObject Json(MergeReport report) => new()
    {
        ["into"] = report.Spec.Into,
        ["sources"] = new JsonArray([.. report.Spec.Sources.Select(s => JsonValue.Create(s))]),
        ["dry_run"] = report.Spec.IsDryRun,
        ["counts"] = new JsonObject(report.Counts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)new JsonObject
        {
            ["added"] = c.Value.Added,
            ["known"] = c.Value.Known,
            ["repaired"] = c.Value.Repaired,
            ["damaged"] = c.Value.Damaged,
        }))),
        ["differing"] = report.Differing,
        ["largest"] = report.Largest is { } largest ? Json(largest) : null,
        ["differences"] = new JsonArray([.. report.Differences.Select(d => Json(d))]),
        ["runs_looked_at"] = report.RunsLookedAt,
        ["flips"] = new JsonArray([.. report.Flips.Select(f => new JsonObject
        {
            ["run"] = f.Uid,
            ["name"] = f.Name,
            ["queries"] = f.Queries,
            ["queries_changed"] = f.Changed,
        })]),
    };

    static JsonObject Json(ScoreDifference difference) => new()
    {
        ["kept"] = Json(difference.Kept),
        ["dropped"] = Json(difference.Other),
        ["scores"] = difference.Scores,
        ["max_difference"] = difference.Largest,
        ["scorer"] = difference.At.Scorer,
        ["query"] = difference.At.Query,
        ["pair"] = difference.At.Pair,
        ["kept_logit"] = difference.Logits.Kept,
        ["dropped_logit"] = difference.Logits.Other,
    };

    static JsonObject Json(ScoringPlace place) => new()
    {
        ["device"] = place.Device,
        ["provider"] = place.Provider,
        ["versions"] = JsonNode.Parse(place.Versions),
    };

    static string Describe(ScoringPlace place)
    {
        var versions = JsonNode.Parse(place.Versions)!.AsObject().Select(v => $"{v.Key} {v.Value}");
        return $"{place.Device} ({string.Join(", ", versions.Prepend(place.Provider))})";
    }
}
