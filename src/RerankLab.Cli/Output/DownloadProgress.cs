using System.Diagnostics;
using RerankLab.Core.Diagnosis;
using RerankLab.Core.Hub;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>How a download goes: a bar a file on a terminal; elsewhere a line a file, and one every half minute.</summary>
static class DownloadProgress
{
    public static async Task<T> Show<T>(Func<IPullObserver, Task<T>> work)
    {
        if (Console.IsErrorRedirected) return await work(new LineObserver());
        return await Terminal.Error.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn { Base = FileSizeBase.Binary }, new TransferSpeedColumn { Base = FileSizeBase.Binary },
                new RemainingTimeColumn())
            .StartAsync(context => work(new BarObserver(context)));
    }

    sealed class BarObserver(ProgressContext context) : IPullObserver
    {
        readonly Dictionary<HubFile, ProgressTask> _bars = [];

        public void Note(string sentence) => Talk.Note(sentence);

        public void Report(HubFile file, long bytes)
        {
            if (!_bars.TryGetValue(file, out var bar))
                _bars.Add(file, bar = context.AddTask(Markup.Escape(file.Path), maxValue: file.Size));
            bar.Value = bytes;
        }
    }

    sealed class LineObserver : IPullObserver
    {
        readonly Stopwatch _sinceLine = Stopwatch.StartNew();
        HubFile? _file;

        public void Note(string sentence) => Talk.Note(sentence);

        public void Report(HubFile file, long bytes)
        {
            bool isNew = file != _file;
            if (!isNew && _sinceLine.Elapsed < TimeSpan.FromSeconds(30)) return;
            Talk.Note(isNew && bytes == 0 ? $"{file.Path}: downloading {ByteSize.Shown(file.Size)}"
                : $"{file.Path}: {ByteSize.Shown(bytes)} of {ByteSize.Shown(file.Size)} are here");
            _file = file;
            _sinceLine.Restart();
        }
    }
}
