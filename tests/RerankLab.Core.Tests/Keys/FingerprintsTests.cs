using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Tests.Keys;

public sealed class FingerprintsTests
{
    static readonly CandidateQuery[] Candidates =
        [new("q1", ["d1", "d2"], [2.5, 1]), new("q2", ["d1"], [0.5])];

    static readonly QueryKeys[] Keys = [new(1, [new(10), new(11)]), new(2, [new(12)])];

    static Qrels Judged(params (string Query, string Document, int Label)[] labels)
    {
        var qrels = new Qrels();
        foreach (var (query, document, label) in labels) Assert.True(qrels.Add(query, document, label));
        return qrels;
    }

    /// <summary>Computed independently with Python's hashlib: lab files hold these, so that they must not change unnoticed.</summary>
    [Fact]
    public void Fingerprints_are_the_same_on_every_machine_and_in_every_version()
    {
        Assert.Equal("5a355737240f7d1691639108d964a76a22b49fb5298a05c0169c6945f6f0d34e",
            Fingerprints.Of(Candidates, Keys));
        Assert.Equal("fbd37749bb9ea43c5c1ad1704f83123d7668ce36875151d96fb6ad55e42df37b",
            Fingerprints.Of(Judged(("q1", "d1", 1), ("q2", "文", -2))));
    }

    [Fact]
    public void Every_part_of_the_candidates_changes_the_fingerprint()
    {
        (CandidateQuery[], QueryKeys[])[] variants =
        [
            (Candidates, Keys),
            ([Candidates[1], Candidates[0]], [Keys[1], Keys[0]]),
            ([Candidates[0]], [Keys[0]]),
            ([Candidates[0] with { Id = "q" }, Candidates[1]], Keys),
            ([Candidates[0] with { Documents = ["d2", "d1"] }, Candidates[1]], Keys),
            ([Candidates[0] with { Documents = ["d1d", "2"] }, Candidates[1]], Keys),
            ([Candidates[0] with { FirstStageScores = [2.5, 1.25] }, Candidates[1]], Keys),
            ([Candidates[0] with { FirstStageScores = null }, Candidates[1]], Keys),
            (Candidates, [new(1, [new(10), new(99)]), Keys[1]]),
            (Candidates, [new(1, [new(11), new(10)]), Keys[1]]),
        ];
        Assert.Equal(variants.Length, variants.Select(v => Fingerprints.Of(v.Item1, v.Item2)).Distinct().Count());
    }

    [Fact]
    public void Every_judgement_changes_the_fingerprint_and_their_order_does_not()
    {
        var first = Fingerprints.Of(Judged(("q1", "d1", 1), ("q1", "d2", 0), ("q2", "d1", 2)));
        Assert.Equal(first, Fingerprints.Of(Judged(("q2", "d1", 2), ("q1", "d2", 0), ("q1", "d1", 1))));

        Qrels[] variants =
        [
            Judged(("q1", "d1", 2), ("q1", "d2", 0), ("q2", "d1", 2)),
            Judged(("q1", "d1", 1), ("q1", "d2", 0)),
            Judged(("q1", "d1", 1), ("q1", "d3", 0), ("q2", "d1", 2)),
            Judged(("q1", "d1", 1), ("q2", "d2", 0), ("q2", "d1", 2)),
        ];
        Assert.Equal(variants.Length + 1, variants.Select(Fingerprints.Of).Append(first).Distinct().Count());
    }
}
