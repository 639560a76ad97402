using System.Diagnostics;
using RerankLab.Core;
using RerankLab.Core.Scoring;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>What rlab says on stderr.</summary>
static class Talk
{
    public static void Note(string sentence) => Terminal.Error.MarkupLineInterpolated($"[grey]note:[/] {Terminal.Printable(sentence)}");

    /// <summary>Why a gate failed.</summary>
    public static void Failure(string sentence) => Terminal.Error.MarkupLineInterpolated($"[red]failed:[/] {Terminal.Printable(sentence)}");

    public static void Error(UserError error)
    {
        foreach (var problem in error.Problems) Terminal.Error.MarkupLineInterpolated($"[red]error:[/] {Terminal.Printable(problem.ToString())}");
        if (error.Hint is not null) Terminal.Error.MarkupLineInterpolated($"[yellow]hint:[/] {Terminal.Printable(error.Hint)}");
    }

    /// <summary>Does work that tells how it goes: a progress bar on a terminal, a line every half minute elsewhere.</summary>
    public static T WithProgress<T>(Func<IScoringObserver, T> work)
    {
        if (Console.IsErrorRedirected) return work(new LineObserver());
        T result = default!;
        Terminal.Error.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => result = work(new BarObserver(context)));
        return result;
    }

    /// <summary>Does work that counts as it goes on: a progress bar on a terminal, a line every half minute elsewhere.</summary>
    /// <param name="doing">What it is, e.g. merging.</param>
    /// <param name="things">What it counts.</param>
    /// <param name="work">Reports how many are done, of how many.</param>
    public static T WithProgress<T>(string doing, string things, Func<IProgress<(long Done, long Total)>, T> work)
    {
        if (Console.IsErrorRedirected) return work(new LineProgress(doing, things));
        T result = default!;
        Terminal.Error.Progress().AutoClear(true).HideCompleted(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => result = work(new BarProgress(context, doing)));
        return result;
    }

    sealed class BarProgress(ProgressContext context, string doing) : IProgress<(long Done, long Total)>
    {
        ProgressTask? _task;

        public void Report((long Done, long Total) value)
        {
            _task ??= context.AddTask(doing, maxValue: Math.Max(1, value.Total));
            _task.Value = value.Done;
        }
    }

    sealed class LineProgress(string doing, string things) : IProgress<(long Done, long Total)>
    {
        readonly Stopwatch _sinceLine = Stopwatch.StartNew();

        public void Report((long Done, long Total) value)
        {
            if (_sinceLine.Elapsed < TimeSpan.FromSeconds(30)) return;
            Talk.Note($"{doing}: {value.Done} of {value.Total} {things}");
            _sinceLine.Restart();
        }
    }

    sealed class BarObserver(ProgressContext context) : IScoringObserver
    {
        ProgressTask? _task;

        public void Note(string sentence) => Talk.Note(sentence);

        public void Report(ScoringProgress value)
        {
            _task ??= context.AddTask("scoring", maxValue: value.Total);
            _task.Value = value.Scored;
        }
    }

    sealed class LineObserver : IScoringObserver
    {
        readonly Stopwatch _sinceLine = Stopwatch.StartNew();

        public void Note(string sentence) => Talk.Note(sentence);

        public void Report(ScoringProgress value)
        {
            if (_sinceLine.Elapsed < TimeSpan.FromSeconds(30)) return;
            Talk.Note($"scored {value.Scored} of {value.Total} pairs");
            _sinceLine.Restart();
        }
    }
}
