using RerankLab.Core.Runs;

namespace RerankLab.Cli.Output;

/// <summary>What boards said of runs.</summary>
static class SubmissionSummary
{
    /// <summary>Lists submissions with their runs' measures: what fits a page, or all of it for programs.</summary>
    public static void Write(IReadOnlyList<(Submission Submission, RunRecord Run)> submissions, int prefix, OutputFormat format)
    {
        bool isFull = format is OutputFormat.Tsv or OutputFormat.Json;
        var measures = new MeasureColumns([.. submissions.Select(s => s.Run)]);
        var listing = isFull ? new Listing(["run", "name", "board", "at", .. measures.Names, "public_score", "private_score", "note"])
            : new Listing(["run", "name", "board", "at (UTC)", .. measures.Names, "public", "private", "note"]);
        foreach (var (submission, run) in submissions)
            listing.Add([isFull ? run.Uid : run.Uid[..prefix], run.Name, submission.Board,
                isFull ? submission.At.ToString(SubmissionRecord.TimeFormat) : Time(submission), .. measures.Of(run),
                Unrounded.Of(submission.PublicScore), Unrounded.Of(submission.PrivateScore), submission.Note]);
        listing.Write(format);
    }

    /// <summary>In a sentence.</summary>
    public static string Describe(Submission submission, RunRecord run) =>
        $"recorded: '{run.Name}' ({run.Uid}) at {submission.Board}, handed in {Time(submission)} UTC, " +
        $"public score {Known(submission.PublicScore)}, private score {Known(submission.PrivateScore)}" +
        (submission.Note is { Length: > 0 } note ? $", note: {Listing.Shown(note)}" : "");

    /// <summary>Which boards there are, as a hint.</summary>
    public static string BoardsOf(IReadOnlyList<Submission> submissions) =>
        submissions.Count == 0 ? "nothing was recorded yet: rlab submission add RUN --board NAME"
            : $"there are: {string.Join(", ", submissions.Select(s => s.Board).Distinct().Order(StringComparer.Ordinal))}";

    static string Time(Submission submission) => submission.At.ToString("yyyy-MM-dd HH:mm");

    static string Known(double? score) => score is { } known ? $"{known}" : "unknown";
}
