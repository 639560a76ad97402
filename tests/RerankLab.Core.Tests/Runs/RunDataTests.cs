using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Ranking;
using RerankLab.Core.Runs;

namespace RerankLab.Core.Tests.Runs;

public sealed class RunDataTests
{
    static RunData Data(Qrels? qrels = null) => new(
        [new("q1", ["a", "b", "c"], null), new("q2", ["a"], null)],
        [new(1, [new(1), new(2), new(3)]), new(2, [new(4)])],
        [[1, 3, float.NaN], [0]], qrels);

    static Qrels Judged()
    {
        var qrels = new Qrels();
        qrels.Add("q1", "a", 1);
        qrels.Add("q2", "a", 1);
        return qrels;
    }

    [Fact]
    public void Pairs_and_missing_ones_are_counted() => Assert.Equal((4, 1), (Data().Pairs, Data().PairsMissing));

    [Fact]
    public void Fingerprints_are_those_of_candidates_and_qrels()
    {
        var data = Data(Judged());
        Assert.Equal(Fingerprints.Of(data.Candidates, data.Keys), data.CandidatesFingerprint);
        Assert.Equal(Fingerprints.Of(data.Qrels!), data.QrelsFingerprint);
        Assert.Null(Data().QrelsFingerprint);
    }

    [Fact]
    public void Rankings_are_made_down_to_a_depth()
    {
        Assert.Equal(["ba", "a"], Data().Rankings(3).Select(r => string.Concat(r.Documents.Select(d => d.Id))));
        Assert.Equal(["a", "a"], Data().Rankings(1).Select(r => string.Concat(r.Documents.Select(d => d.Id))));
        Assert.Equal(["ab", "a"], Data().FirstStage(2).Select(r => string.Concat(r.Documents.Select(d => d.Id))));
    }

    [Fact]
    public void A_recorded_run_is_evaluated_at_its_depth_with_its_own_measures()
    {
        var run = GivenRuns.Run(depth: 2, measures: ["RR", "P@1"]);
        var evaluation = RecordedEvaluation.Of(run, Data(Judged()), null, null);
        Assert.Equal(["RR", "P@1"], evaluation.Measures.Select(m => m.ToString()));
        Assert.Equal(0.75, evaluation.Mean(new ReciprocalRank(null, 1)));
        Assert.Equal(1, RecordedEvaluation.Of(run with { Depth = 1 }, Data(Judged()), null, null)
            .Mean(new ReciprocalRank(null, 1)));
    }

    [Fact]
    public void Other_judgements_and_measures_may_be_named()
    {
        var qrels = new Qrels();
        qrels.Add("q1", "b", 1);
        var evaluation = RecordedEvaluation.Of(GivenRuns.Run(), Data(Judged()), qrels, [new ReciprocalRank(10, 1)]);
        Assert.Equal(1, evaluation.Mean(new ReciprocalRank(10, 1)));
        Assert.Equal(["nDCG@10", "RR@10"], RecordedEvaluation.MeasuresOf(GivenRuns.Run()).Select(m => m.ToString()));
    }

    [Fact]
    public void Without_any_judgements_there_is_no_evaluation()
    {
        var error = Assert.Throws<UserError>(() => RecordedEvaluation.Of(GivenRuns.Run("gte"), Data(), null, null));
        Assert.Equal(("run 'gte' has no qrels", "name some with --qrels FILE"), (error.Message, error.Hint));
    }

    [Fact]
    public void A_set_up_is_flattened_to_dotted_keys()
    {
        const string setup = """{"dataset":{"depth":null,"pairs":5},"scorer":{"data":{},"tokenizer":{"tokenizer.json":"aa"}},"ranking":{"activation":"sigmoid"}}""";
        Assert.Equal(
            [("dataset.depth", "none"), ("dataset.pairs", "5"), ("scorer.data", "none"),
                ("scorer.tokenizer.tokenizer.json", "aa"), ("ranking.activation", "sigmoid")],
            RunSetup.Flatten(setup).Select(f => (f.Key, f.Value)));
        Assert.Equal(Activation.Sigmoid, RunSetup.ActivationOf(setup));
    }
}
