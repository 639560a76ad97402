using System.Text;

namespace RerankLab.Demo;

/// <summary>
/// The crude first stage that the demo re-ranks: it counts the occurrences of the query's words, with no idf and no
/// length normalisation.
/// </summary>
public static class FirstStage
{
    const int Depth = 20;
    const string Tag = "crude-tf";

    /// <summary>The TREC run over all queries, each searched in the passages of its own language.</summary>
    public static string Run(DemoCollection collection)
    {
        var passages = collection.Passages
            .Select(passage => (
                passage.Id,
                SortKey: Encoding.UTF8.GetBytes(passage.Id),
                Chinese: Words.HasCjk(passage.Full),
                Counts: Terms(passage.Full).CountBy(term => term).ToDictionary(StringComparer.Ordinal)))
            .ToList();
        var run = new StringBuilder();
        foreach (var query in collection.Queries)
        {
            var chinese = Words.HasCjk(query.Text);
            var terms = Terms(query.Text)
                .Where(term => Words.HasCjk(term) == chinese)
                .Distinct(StringComparer.Ordinal)
                .ToList();
            var ranked = passages
                .Where(passage => passage.Chinese == chinese)
                .Select(passage => (passage.Id, passage.SortKey, Score: terms.Sum(passage.Counts.GetValueOrDefault)))
                .ToList();
            ranked.Sort((a, b) => a.Score != b.Score
                ? b.Score.CompareTo(a.Score)
                : b.SortKey.AsSpan().SequenceCompareTo(a.SortKey));
            for (var i = 0; i < Math.Min(Depth, ranked.Count); i++)
                run.Append($"{query.Id} Q0 {ranked[i].Id} {i + 1} {ranked[i].Score} {Tag}\n");
        }
        return run.ToString();
    }

    /// <summary>Lower-cased runs of letters and digits, each CJK character by itself.</summary>
    static IEnumerable<string> Terms(string text)
    {
        var term = new StringBuilder();
        foreach (var c in text.ToLowerInvariant())
        {
            var cjk = Words.IsCjk(c);
            if (!cjk && char.IsLetterOrDigit(c))
            {
                term.Append(c);
                continue;
            }
            if (term.Length > 0)
                yield return term.ToString();
            term.Clear();
            if (cjk)
                yield return c.ToString();
        }
        if (term.Length > 0)
            yield return term.ToString();
    }
}
