using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Tests.Measures;

/// <summary>Measures of every family, and rankings to try them on.</summary>
static class MeasureSamples
{
    /// <summary>With and without cut-offs that fall into the small rankings below, and with every parameter.</summary>
    public static IReadOnlyList<Measure> All { get; } = [.. new[]
    {
        "nDCG", "nDCG@3", "nDCG(dcg='exp-log2')@4", "RR", "RR(rel=2)@3", "AP", "AP@3", "AP(rel=2)", "P@1", "P(rel=2)@4",
        "R@3", "R(rel=2)@2",
        "Success@1", "Success@3", "Success(rel=2)@2", "Rprec", "Rprec(rel=2)", "Bpref", "Bpref(rel=2)", "Bpref(rel=0)",
        "Judged@2", "Judged@4",
        "RBP", "RBP(p=0.5,rel=1)@3", "RBP(p=0.95,rel=2)", "ERR", "ERR@3", "SetP", "SetR(rel=2)", "SetF(rel=2,beta=0.5)",
        "NumRet", "NumRel", "NumRelRet(rel=2)",
    }.Select(Measure.Parse)];

    /// <summary>
    /// A ranking of documents with these labels (null: not judged), none tied, and labels of documents that are not
    /// retrieved.
    /// </summary>
    public static JudgedRanking Ranked(IEnumerable<int?> labels, params int[] notRetrieved) =>
        Tied([.. labels.Select((label, rank) => (-(double)rank, label))], notRetrieved);

    /// <summary>A ranking of documents with these scores and labels, best first.</summary>
    public static JudgedRanking Tied(IReadOnlyList<(double Score, int? Label)> documents, params int[] notRetrieved)
    {
        var labels = new Dictionary<string, int>();
        for (int i = 0; i < documents.Count; i++)
            if (documents[i].Label is { } label) labels.Add($"d{i}", label);
        for (int i = 0; i < notRetrieved.Length; i++) labels.Add($"n{i}", notRetrieved[i]);
        var ranked = documents.Select((d, i) => new RankedDocument($"d{i}", d.Score));
        return new JudgedRanking(new RankedList("q", [.. ranked]), labels);
    }
}
