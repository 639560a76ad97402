using RerankLab.Core.Ranking;

namespace RerankLab.Core.Measures;

/// <summary>
/// A query's ranking with the label of each document: the one intermediate that every measure reads. Ties were decided
/// when the ranking was made; which documents were tied is still known here.
/// </summary>
public sealed class JudgedRanking
{
    /// <summary>
    /// Stands for the label of a document without judgement. A negative label is one too: the document was looked at,
    /// or drawn into the pool, and not judged (trec_eval's convention).
    /// </summary>
    public const int Unjudged = -1;

    readonly int[] _labels, _ideal;
    readonly TieGroup[] _ties;
    readonly Lazy<JudgedRanking> _best, _worst;

    /// <param name="ranking">Best first.</param>
    /// <param name="labels">The query's judgements.</param>
    public JudgedRanking(RankedList ranking, IReadOnlyDictionary<string, int> labels)
        : this(
            [.. ranking.Documents.Select(d => labels.TryGetValue(d.Id, out int l) && l >= 0 ? l : Unjudged)],
            [.. labels.Values.Where(l => l >= 0).OrderDescending()], ranking.Ties())
    {
    }

    JudgedRanking(int[] labels, int[] ideal, IEnumerable<TieGroup> ties)
    {
        (_labels, _ideal) = (labels, ideal);
        _ties = [.. ties.Where(t => labels.AsSpan(t.Start, t.Length).ContainsAnyExcept(labels[t.Start]))];
        _best = new(() => Reordered(bestFirst: true));
        _worst = new(() => Reordered(bestFirst: false));
    }

    /// <summary>Labels by rank; <see cref="Unjudged"/> where there is none.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>
    /// The labels of all judged documents of the query, retrieved or not, the best first: the ideal ranking.
    /// </summary>
    public ReadOnlySpan<int> Ideal => _ideal;

    /// <summary>The same ranking with tied documents in the best order: by label descending.</summary>
    public JudgedRanking Best => _best.Value;

    /// <summary>The same ranking with tied documents in the worst order: by label ascending.</summary>
    public JudgedRanking Worst => _worst.Value;

    /// <summary>How many documents of the query are judged at <paramref name="level"/> or above.</summary>
    public int RelevantAt(int level)
    {
        int count = 0;
        while (count < _ideal.Length && _ideal[count] >= level) count++;
        return count;
    }

    /// <summary>Whether the document at a rank (from 0) is judged at <paramref name="level"/> or above.</summary>
    public bool IsRelevant(int rank, int level) => _labels[rank] >= level;

    /// <summary>How many documents are retrieved down to a cut-off.</summary>
    public int Retrieved(int? cutoff) => Math.Min(cutoff ?? int.MaxValue, _labels.Length);

    /// <summary>How many documents down to a cut-off are judged at <paramref name="level"/> or above.</summary>
    public int RelevantRetrieved(int? cutoff, int level) => RelevantIn(new TieGroup(0, Retrieved(cutoff)), level);

    /// <summary>How many documents of a group are judged at <paramref name="level"/> or above.</summary>
    public int RelevantIn(TieGroup group, int level)
    {
        int count = 0;
        foreach (int label in _labels.AsSpan(group.Start, group.Length))
            if (label >= level) count++;
        return count;
    }

    /// <summary>
    /// Whether documents of different labels are tied at or across one of the ranks down to a cut-off.
    /// </summary>
    public bool HasTies(int? cutoff) => _ties.Length > 0 && _ties[0].Start < (cutoff ?? int.MaxValue);

    /// <summary>
    /// The ranking in groups whose documents could stand in any order, as far as they begin before a depth. A document
    /// that is tied with none, or with none of another label, is a group of one.
    /// </summary>
    public IEnumerable<TieGroup> Groups(int depth)
    {
        int next = 0;
        for (int start = 0; start < Math.Min(depth, _labels.Length);)
        {
            bool isTied = next < _ties.Length && _ties[next].Start == start;
            var group = isTied ? _ties[next++] : new TieGroup(start, start + 1);
            yield return group;
            start = group.End;
        }
    }

    JudgedRanking Reordered(bool bestFirst)
    {
        var labels = _labels.ToArray();
        foreach (var group in _ties)
        {
            var tied = labels.AsSpan(group.Start, group.Length);
            tied.Sort();
            if (bestFirst) tied.Reverse();
        }
        return new JudgedRanking(labels, _ideal, []);
    }
}
