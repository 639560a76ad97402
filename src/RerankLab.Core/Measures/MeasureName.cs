using System.Globalization;
using System.Text.RegularExpressions;

namespace RerankLab.Core.Measures;

/// <summary>Names of measures: ir_measures' (<c>RR(rel=2)@10</c>), trec_eval's (<c>ndcg_cut_10</c>), everyday ones (<c>MRR@10</c>).</summary>
static partial class MeasureName
{
    /// <summary>A family of measures: its names, whether it needs a cut-off or takes a level, and how it is made.</summary>
    sealed record Definition(string Example, string[] Names, bool NeedsCutoff, bool TakesLevel, Func<int?, int, Measure> Make);

    static readonly Definition[] Definitions =
    [
        new("nDCG@10", ["ndcg", "ndcg_cut"], NeedsCutoff: false, TakesLevel: false, (k, _) => new NDcg(k)),
        new("RR@10", ["rr", "mrr", "recip_rank"], NeedsCutoff: false, TakesLevel: true, (k, rel) => new ReciprocalRank(k, rel)),
        new("AP@100", ["ap", "map", "map_cut"], NeedsCutoff: false, TakesLevel: true, (k, rel) => new AveragePrecision(k, rel)),
        new("P@10", ["p", "precision"], NeedsCutoff: true, TakesLevel: true, (k, rel) => new Precision(k!.Value, rel)),
        new("R@100", ["r", "recall"], NeedsCutoff: true, TakesLevel: true, (k, rel) => new Recall(k!.Value, rel)),
        new("Success@1", ["success"], NeedsCutoff: true, TakesLevel: true, (k, rel) => new Success(k!.Value, rel)),
    ];

    public static Measure Parse(string text)
    {
        var match = Notation().Match(text.Trim());
        var definition = match.Success
            ? Definitions.FirstOrDefault(d => d.Names.Contains(match.Groups["name"].Value.ToLowerInvariant()))
            : null;
        if (definition is null)
            throw new FormatException($"unknown measure '{text}'; there are {string.Join(", ", Definitions.Select(d => d.Example))}");

        int? cutoff = Number(match.Groups["cutoff"]), level = Number(match.Groups["rel"]);
        if (cutoff is 0 || (cutoff is null && definition.NeedsCutoff))
            throw new FormatException($"'{text}' needs a cut-off of at least 1, as in {definition.Example}");
        if (level is not null && !definition.TakesLevel)
            throw new FormatException($"'{text}': {definition.Example} is a graded measure and takes no rel");
        return definition.Make(cutoff, level ?? 1);
    }

    static int? Number(Group digits) =>
        digits.Success ? int.Parse(digits.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^(?<name>[A-Za-z]+(_[A-Za-z]+)*)(\(\s*rel\s*=\s*(?<rel>-?[0-9]{1,8})\s*\))?([@_](?<cutoff>[0-9]{1,8}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Notation();
}
