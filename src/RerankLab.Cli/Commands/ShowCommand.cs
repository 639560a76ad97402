using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core.Runs;
using RerankLab.Store;
using Spectre.Console;

namespace RerankLab.Cli.Commands;

sealed class ShowCommand
{
    [Command("show", Description = "Show everything that is recorded of a run.")]
    public void Show(
        CommonParameters common,
        [Argument(Description = "a run's name, id prefix or @1 (the latest, the default), @2, …", Name = "RUN")] string run = "@1",
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        var record = RunSelector.Find(new RunStore(lab).Runs(), run);
        var submissions = Submission.Fold(new SubmissionStore(lab).Records().Where(s => s.Run == record.Uid));

        var listing = new Listing("key", "value");
        foreach (var (key, value) in Facts(record, submissions)) listing.Add(key, value);
        if (output == OutputFormat.Json)
        {
            listing.Add("experiment", record.ExperimentText);
            listing.WriteJson();
            return;
        }
        listing.Write(output);
        if (output == OutputFormat.Table) Terminal.Out.WriteLine(Terminal.Printable(record.ExperimentText));
    }

    static IEnumerable<(string Key, object? Value)> Facts(RunRecord run, IReadOnlyList<Submission> submissions)
    {
        yield return ("run", run.Uid);
        yield return ("name", run.Name);
        yield return ("started", run.Started.ToString("O"));
        yield return ("status", run.Status.ToString().ToLowerInvariant());
        yield return ("depth", run.Depth);
        yield return ("tags", string.Join(',', run.Tags));
        foreach (var (measure, value) in run.Measures) yield return (measure, value);
        foreach (var submission in submissions)
        {
            var board = $"submission.{submission.Board}";
            yield return ($"{board}.at", submission.At.ToString(SubmissionRecord.TimeFormat));
            yield return ($"{board}.public_score", Unrounded.Of(submission.PublicScore));
            yield return ($"{board}.private_score", Unrounded.Of(submission.PrivateScore));
            yield return ($"{board}.note", submission.Note);
        }
        foreach (var (key, value) in RunSetup.Flatten(run.Setup)) yield return (key, value);
        yield return ("queries", run.Counts.Queries);
        yield return ("pairs", run.Counts.Pairs);
        yield return ("unique_pairs", run.Counts.UniquePairs);
        yield return ("hits", run.Counts.Hits);
        yield return ("misses", run.Counts.Misses);
        yield return ("scored", run.Counts.Scored);
        yield return ("truncated", run.Counts.Truncated);
        yield return ("tokens", run.Counts.Tokens);
        yield return ("padded_tokens", run.Counts.PaddedTokens);
        foreach (var (stage, seconds) in run.Seconds) yield return ($"seconds.{stage}", seconds);
        yield return ("cost", run.Cost is null ? null : $"{run.Cost:0.0000} {run.Currency}".Trim());
        yield return ("device", run.Device);
        yield return ("session", run.SessionUid);
        foreach (var (key, value) in run.Provenance.Environment) yield return ($"environment.{key}", value);
        yield return ("git.commit", run.Provenance.GitCommit);
        yield return ("git.dirty", run.Provenance.GitDirty?.ToString().ToLowerInvariant());
        yield return ("experiment_path", run.ExperimentPath);
        foreach (var assignment in run.Overrides) yield return ("set", assignment);
    }
}
