using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Comparison;

/// <summary>A run while it is compared: its lists, ranked.</summary>
sealed class ComparedRun
{
    readonly Dictionary<string, int> _ordinals;
    readonly RunData _data;

    /// <param name="record">The run.</param>
    /// <param name="data">Its lists and logits.</param>
    /// <param name="qrels">The judgements that all runs are measured on.</param>
    /// <param name="measures">What is measured.</param>
    public ComparedRun(RunRecord record, RunData data, Qrels qrels, IReadOnlyList<Measure> measures)
    {
        (_data, Qrels) = (data, qrels);
        _ordinals = data.Candidates.Index().ToDictionary(c => c.Item.Id, c => c.Index);
        Rankings = [.. data.Rankings(record.Depth)];
        var answered = Rankings.Where(r => r.Documents.Count > 0).Select(r => r.Query).ToHashSet();
        answered.IntersectWith(qrels.Queries);
        Measured = new MeasuredRun(record, Evaluation.Of(Rankings, qrels, measures), answered);
    }

    /// <summary>What is kept of the run when its lists are let go.</summary>
    public MeasuredRun Measured { get; }

    public Qrels Qrels { get; }

    /// <summary>By query.</summary>
    public IReadOnlyList<RankedList> Rankings { get; }

    /// <summary>A query's ranking; null where the run lacks the query.</summary>
    public RankedList? Ranking(string query) => _ordinals.TryGetValue(query, out int ordinal) ? Rankings[ordinal] : null;

    /// <summary>The keys of a query's text and of a passage's; null where the run lacks them.</summary>
    public TextKey? KeyOf(string query, string document)
    {
        if (_data.Keys is null || !_ordinals.TryGetValue(query, out int ordinal)) return null;
        int at = _data.Candidates[ordinal].Documents.IndexOf(document);
        return at < 0 ? null : new TextKey(_data.Keys[ordinal].Query, _data.Keys[ordinal].Pairs[at]);
    }
}

/// <summary>A run and its measures.</summary>
/// <param name="Record">The run.</param>
/// <param name="Evaluation">On the judgements that all compared runs are measured on.</param>
/// <param name="Answered">The judged queries that it has results for.</param>
public sealed record MeasuredRun(RunRecord Record, Evaluation Evaluation, IReadOnlySet<string> Answered)
{
    /// <summary>Each query's difference of a measure from a baseline.</summary>
    public double[] DifferencesFrom(MeasuredRun baseline, Measure measure) =>
        [.. baseline.Evaluation.Of(measure).Zip(Evaluation.Of(measure), (a, b) => b - a)];

    /// <summary>Why a difference from another run may not be what it seems.</summary>
    public IEnumerable<string> ReservationsAgainst(MeasuredRun baseline)
    {
        foreach (var record in new[] { baseline.Record, Record })
            if (record.Status == RunStatus.Partial)
                yield return $"'{record.Name}' is partial: it was stopped at depth {record.Depth}";
        var (onlyThere, onlyHere) = (baseline.Answered.Except(Answered).Count(), Answered.Except(baseline.Answered).Count());
        if (onlyThere > 0 || onlyHere > 0)
            yield return "the runs answer different judged queries: " +
                         $"{onlyThere} only '{baseline.Record.Name}', {onlyHere} only '{Record.Name}'";
    }
}
