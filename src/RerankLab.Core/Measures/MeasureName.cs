using System.Text.RegularExpressions;

namespace RerankLab.Core.Measures;

/// <summary>
/// Names of measures: ir_measures' (<c>RR(rel=2)@10</c>), trec_eval's (<c>ndcg_cut_10</c>), everyday ones
/// (<c>MRR@10</c>).
/// </summary>
static partial class MeasureName
{
    /// <summary>A family of measures: an example, its names in lower case, and how it is made.</summary>
    sealed record Definition(string Example, string[] Names, Func<MeasureArguments, Measure> Make);

    static readonly Definition[] Definitions =
    [
        new("nDCG@10", ["ndcg", "ndcg_cut"],
            a => new NDcg(a.Cutoff(), a.Choice("dcg", "log2", "exp-log2") == "exp-log2")),
        new("RR@10", ["rr", "mrr", "recip_rank"], a => new ReciprocalRank(a.Cutoff(), a.Rel())),
        new("AP@100", ["ap", "map", "map_cut"], a => new AveragePrecision(a.Cutoff(), a.Rel())),
        new("P@10", ["p", "precision"], a => new Precision(a.NeededCutoff(), a.Rel())),
        new("R@100", ["r", "recall"], a => new Recall(a.NeededCutoff(), a.Rel())),
        new("Success@1", ["success"], a => new Success(a.NeededCutoff(), a.Rel())),
        new("Rprec", ["rprec"], a => new RPrecision(a.Rel())),
        new("Bpref", ["bpref"], a => new BinaryPreference(a.Rel())),
        new("Judged@10", ["judged"], a => new JudgedShare(a.NeededCutoff())),
        // trec_eval's name brings trec_eval's persistence.
        new("RBP(p=0.8)", ["rbp"], a => new RankBiasedPrecision(a.Cutoff(),
            a.Number("p", a.Name == "rbp" ? 0.9 : RankBiasedPrecision.DefaultP,
                p => p is > 0 and < 1, "between 0 and 1"),
            a.RelIfGiven())),
        new("ERR@20", ["err"], a => new ExpectedReciprocalRank(a.Cutoff())),
        new("SetP", ["setp", "set_p"], a => new SetPrecision(a.Rel())),
        new("SetR", ["setr", "set_recall"], a => new SetRecall(a.Rel())),
        new("SetF", ["setf", "set_f"],
            a => new SetF(a.Rel(), a.Number("beta", 1, b => b is >= 0 and < 1e15, "of 0 or more"))),
        new("NumRet", ["numret", "num_ret"],
            a => a.RelIfGiven() is { } rel ? new RelevantRetrievedCount(rel) : new RetrievedCount()),
        new("NumRel", ["numrel", "num_rel"], a => new RelevantCount(a.Rel())),
        new("NumRelRet", ["numrelret", "num_rel_ret"], a => new RelevantRetrievedCount(a.Rel())),
    ];

    public static Measure Parse(string text)
    {
        var match = Notation().Match(text.Trim());
        var definition = match.Success
            ? Definitions.FirstOrDefault(d => d.Names.Contains(match.Groups["name"].Value.ToLowerInvariant()))
            : null;
        if (definition is null)
        {
            var examples = string.Join(", ", Definitions.Select(d => d.Example));
            throw new FormatException($"unknown measure '{text}'; there are {examples}");
        }

        var arguments = new MeasureArguments(text, match, definition.Example);
        var measure = definition.Make(arguments);
        arguments.ThrowIfAnyIsLeft();
        return measure;
    }

    [GeneratedRegex(@"^(?<name>[A-Za-z]+(_[A-Za-z]+)*)(\((?<parameters>[^()]*)\))?([@_.](?<cutoff>[0-9]{1,8}))?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Notation();
}
