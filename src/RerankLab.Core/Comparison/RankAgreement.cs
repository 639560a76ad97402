using RerankLab.Core.Ranking;
using RerankLab.Core.Statistics;

namespace RerankLab.Core.Comparison;

/// <summary>How alike two runs rank, whatever is relevant.</summary>
/// <param name="Queries">Queries that both runs answer.</param>
/// <param name="KendallTau">Mean over those of them with two common documents; null where there is none.</param>
/// <param name="Overlap">Mean rank-biased overlap over them; null where there is none.</param>
public sealed record RankAgreement(int Queries, double? KendallTau, double? Overlap)
{
    internal static RankAgreement Between(ComparedRun baseline, ComparedRun run)
    {
        var pairs = run.Rankings.Select(ranking => (There: baseline.Ranking(ranking.Query), Here: ranking))
            .Where(p => p.There is { Documents.Count: > 0 } && p.Here.Documents.Count > 0).ToList();
        var (taus, overlaps) = (new double?[pairs.Count], new double?[pairs.Count]);
        Parallel.For(0, pairs.Count, i =>
        {
            var pair = PairedRanking.Of(Ids(pairs[i].There!), Ids(pairs[i].Here));
            (taus[i], overlaps[i]) = (Statistics.KendallTau.Of(pair), RankBiasedOverlap.Of(pair));
        });
        return new RankAgreement(pairs.Count, taus.Average(), overlaps.Average());
    }

    static string[] Ids(RankedList ranking) => [.. ranking.Documents.Select(d => d.Id)];
}
