using Dapper;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Exporting;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>The scores of a lab file, listed for export.</summary>
public sealed class ScoreListing(LabFile lab)
{
    /// <summary>Scores that were left out because they do not agree with their check value.</summary>
    public int Damaged { get; private set; }

    /// <summary>The scorers that have this name or whose fingerprint begins so; all of them for null.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public IReadOnlyList<ScorerIdentity> Scorers(string? nameOrPrefix)
    {
        var found = lab.Connection.Query<(string Kind, string Name, string Precision, string Spec)>(
                $"""
                SELECT kind, coalesce(min(name), ''), coalesce(min(precision), ''), spec
                FROM scorer LEFT JOIN scorer_name ON scorer_name.scorer = scorer.id
                WHERE {RowCheck.Holds("scorer")} AND kind <> 'imported'
                    AND (@asked IS NULL OR name = @asked OR substr(fingerprint, 1, length(@asked)) = lower(@asked))
                GROUP BY scorer.id ORDER BY scorer.id
                """, new { asked = nameOrPrefix })
            .Select(s => new ScorerIdentity(s.Kind, s.Name, s.Precision, s.Spec)).ToList();
        return found.Count > 0 ? found : throw new UserError(
            nameOrPrefix is null ? "there are no scores in this lab file"
                : $"--scorer: no scorer of this lab file has the name '{nameOrPrefix}' or a fingerprint that begins so",
            "rlab cache stats lists them");
    }

    /// <summary>All scores of some scorers, in the order of their keys.</summary>
    public IEnumerable<ExportedScore> Of(IEnumerable<ScorerIdentity> scorers)
    {
        var sessions = lab.Connection.Query<(long Id, string Uid)>("SELECT id, uid FROM session").ToDictionary(s => s.Id, s => s.Uid);
        foreach (var scorer in scorers)
        {
            var fingerprint = scorer.Fingerprint;
            var id = lab.Connection.ExecuteScalar<long>("SELECT id FROM scorer WHERE fingerprint = @fingerprint", new { fingerprint });
            using var rows = new ScoreRows(lab, id, fingerprint);
            while (rows.Read())
                if (rows.Current is { Holds: true } row)
                    yield return new ExportedScore(fingerprint, row.Query, row.Pair, (float)row.Logit, row.Tokens,
                        sessions.GetValueOrDefault(row.Session, ""), null);
                else
                    Damaged++;
        }
    }

    /// <summary>
    /// The scores of an experiment's candidates, with their ids, in the order of the candidates; what has no score is left out.
    /// </summary>
    public IEnumerable<ExportedScore> Of(ScorerIdentity scorer, Dataset dataset)
    {
        var keys = PairKeys.Of(dataset);
        var (scores, cache) = (new PairScores(keys), new ScoreCache(lab));
        cache.Find(scorer, keys, scores);
        var sessions = cache.SessionsOf(scorer, keys);
        Damaged += scores.Damaged;
        var fingerprint = scorer.Fingerprint;
        for (int q = 0; q < keys.Length; q++)
            for (int c = 0; c < keys[q].Pairs.Length; c++)
                if (scores.Has(q, c))
                    yield return new ExportedScore(fingerprint, keys[q].Query, keys[q].Pairs[c], scores.Logits[q][c], scores.Tokens[q][c],
                        sessions[q][c]?.Uid ?? "", (dataset.Candidates[q].Id, dataset.Candidates[q].Documents[c]));
    }
}
