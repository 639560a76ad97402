using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Comparison;

/// <summary>Whether a run would rank otherwise with other scores than its own.</summary>
public static class OrderChanges
{
    /// <summary>The queries of which some documents would change places, among those that the run ranked.</summary>
    /// <param name="data">A run with logits of its own.</param>
    /// <param name="depth">Down to which first-stage rank.</param>
    /// <param name="scores">The other scores; where a pair has none, the run's own stays.</param>
    public static int QueriesThatChange(RunData data, int depth, PairScores scores)
    {
        int changed = 0;
        for (int q = 0; q < data.Candidates.Count; q++)
        {
            var (own, other) = (data.Logits![q], scores.Logits[q]);
            var replaced = Array.ConvertAll(own, l => l);
            for (int c = 0; c < own.Length; c++)
                if (!float.IsNaN(own[c]) && !float.IsNaN(other[c])) replaced[c] = other[c];
            if (replaced.AsSpan().SequenceEqual(own)) continue;
            var (before, after) = (Order(own), Order(replaced));
            if (!before.SequenceEqual(after)) changed++;

            IEnumerable<string> Order(float[] logits) => RankedList.ByScore(data.Candidates[q], logits, depth).Documents.Select(d => d.Id);
        }
        return changed;
    }
}
