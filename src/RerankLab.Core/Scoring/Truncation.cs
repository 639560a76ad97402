namespace RerankLab.Core.Scoring;

/// <summary>How a pair that is longer than the model takes is cut.</summary>
public enum Truncation
{
    /// <summary>Tokens are taken from the longer text until both fit.</summary>
    LongestFirst,

    /// <summary>Tokens are taken from the passage only.</summary>
    OnlySecond,
}

/// <summary>The arithmetic of truncation.</summary>
public static class TruncationRule
{
    /// <summary>The rule's name as Hugging Face writes it.</summary>
    public static string Name(this Truncation rule) => rule switch
    {
        Truncation.LongestFirst => "longest_first",
        Truncation.OnlySecond => "only_second",
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>The rule of a name; null where there is none.</summary>
    public static Truncation? TryParse(string name) =>
        Enum.GetValues<Truncation>().Cast<Truncation?>().FirstOrDefault(rule => rule!.Value.Name() == name);

    /// <summary>
    /// How many tokens of query and passage are kept within a budget of tokens (special ones not counted): the rule of
    /// Hugging Face's Rust tokenizers 0.22 (<c>truncate_encodings</c>).
    /// </summary>
    /// <exception cref="UserError">Only the passage may be cut and the query alone fills the budget.</exception>
    public static (int Query, int Passage) Cut(this Truncation rule, int query, int passage, int budget)
    {
        if (query + passage <= budget) return (query, passage);
        if (rule == Truncation.OnlySecond)
        {
            // tokenizers refuses a cut that would leave nothing of the passage.
            return query < budget
                ? (query, budget - query)
                : throw new UserError($"a query of {query} tokens leaves no room for its passage in {budget} tokens",
                    "raise scorer.max_length, or use scorer.truncation: longest_first");
        }

        var (shorter, longer) = (Math.Min(query, passage), Math.Max(query, passage));
        longer = shorter > budget ? shorter : Math.Max(shorter, budget - shorter);
        if (shorter + longer > budget)
        {
            shorter = budget / 2;
            longer = shorter + budget % 2;
        }
        return query <= passage ? (shorter, longer) : (longer, shorter);
    }
}
