using System.Diagnostics;

namespace RerankLab.Core.Experiments;

/// <summary>Wall-clock time by stage of a run.</summary>
public sealed class Stages
{
    readonly List<KeyValuePair<string, double>> _seconds = [];
    readonly Stopwatch _total = Stopwatch.StartNew();

    /// <summary>The time so far.</summary>
    public TimeSpan Elapsed => _total.Elapsed;

    /// <summary>Seconds by stage, in the order in which the stages ended, and their <c>total</c> so far.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Seconds => [.. _seconds, KeyValuePair.Create("total", _total.Elapsed.TotalSeconds)];

    public void Time(string stage, Action work) => Time(stage, () =>
    {
        work();
        return true;
    });

    /// <summary>Time that was measured elsewhere, such as a part of a stage.</summary>
    public void Add(string stage, TimeSpan time) => _seconds.Add(KeyValuePair.Create(stage, time.TotalSeconds));

    public T Time<T>(string stage, Func<T> work)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            return work();
        }
        finally
        {
            _seconds.Add(KeyValuePair.Create(stage, watch.Elapsed.TotalSeconds));
        }
    }
}
