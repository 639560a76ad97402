using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Scoring;

/// <summary>Scores from outside that were placed under the pairs of an experiment.</summary>
/// <param name="Scorer">The declared scorer that they went to.</param>
/// <param name="Pairs">Distinct pairs of the experiment.</param>
/// <param name="Added">Pairs that have a score now and had none.</param>
/// <param name="Known">Pairs that had one, which stays.</param>
/// <param name="Differing">Those of them whose score is another one than the file's.</param>
/// <param name="Missing">Pairs for which the file has no score, and the lab file neither.</param>
/// <param name="Unused">Keys of the file that are of no pair of the experiment.</param>
/// <param name="Shared">Keys that two pairs have (<c>a_b</c> and <c>c</c>, <c>a</c> and <c>b_c</c>), both of which got the score.</param>
public sealed record ScoreImport(ScorerIdentity Scorer, int Pairs, int Added, int Known, int Differing, int Missing, int Unused, int Shared)
{
    /// <summary>The scale of imported values that were left as they came.</summary>
    public const string ScaleAsImported = "as imported";

    /// <param name="scores">The file, read.</param>
    /// <param name="dataset">Gives the texts, by which the keys are placed.</param>
    /// <param name="scorer">The declared scorer.</param>
    /// <param name="cache">Where they go.</param>
    /// <exception cref="UserError">No key is of any pair.</exception>
    public static ScoreImport Of(ScoreFile scores, Dataset dataset, ScorerIdentity scorer, IScoreCache cache)
    {
        var keys = PairKeys.Of(dataset);
        var known = new PairScores(keys);
        cache.Find(scorer, keys, known);
        var (seen, used) = (new HashSet<(long, PairKey)>(), new HashSet<PairKey>());
        var toAdd = new List<(long Query, PairKey Pair, float Score)>();
        var (there, differing, missing, shared) = (0, 0, 0, 0);
        for (int q = 0; q < keys.Length; q++)
            for (int c = 0; c < keys[q].Pairs.Length; c++)
            {
                var pair = keys[q].Pairs[c];
                if (!seen.Add((keys[q].Query, pair))) continue;
                bool isGiven = scores.Scores.TryGetValue(pair, out float score);
                if (isGiven && !used.Add(pair)) shared++;
                if (known.Has(q, c))
                {
                    there++;
                    if (isGiven && known.Logits[q][c] != score) differing++;
                }
                else if (isGiven) toAdd.Add((keys[q].Query, pair, score));
                else missing++;
            }
        if (used.Count == 0)
            throw new UserError($"none of the {scores.Scores.Count} keys is of a pair of this experiment",
                "the keys must be MD5 of '{query}_{passage}' in UTF-8, of the very texts of the experiment's dataset");
        if (toAdd.Count > 0)
        {
            var backend = new ScorerBackend("import", "rlab cache import", new Dictionary<string, string>());
            using var writer = cache.BeginSession(scorer, backend);
            // The length in tokens is not known.
            foreach (var (query, pair, score) in toAdd) writer.Add(query, pair, score, tokens: 0);
        }
        return new ScoreImport(scorer, seen.Count, toAdd.Count, there, differing, missing, scores.Scores.Count - used.Count, shared);
    }
}
