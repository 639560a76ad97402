using RerankLab.Core.Runs;

namespace RerankLab.Core.Tests.Runs;

public sealed class SubmissionTests
{
    static readonly DateTimeOffset Day = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_known_later_is_added_to_what_was_known_and_the_time_is_the_first()
    {
        SubmissionRecord[] records =
        [
            Record(1, at: Day, note: "first try"),
            Record(2, at: Day.AddDays(1), first: 0.91),
            Record(3, at: Day.AddDays(30), last: 0.89),
        ];

        Assert.Equal([new Submission("run", "Kaggle", Day, 0.91, 0.89, "first try")], Submission.Fold(records));
    }

    [Fact]
    public void Of_two_scores_and_two_notes_the_later_told_counts()
    {
        SubmissionRecord[] records =
        [
            Record(1, at: Day, first: 0.91, last: 0.8, note: "old"),
            Record(2, at: Day.AddDays(-1), first: 0.19, note: ""),
        ];

        Assert.Equal([new Submission("run", "Kaggle", Day.AddDays(-1), 0.19, 0.8, "")], Submission.Fold(records));
    }

    [Fact]
    public void Runs_and_boards_stay_apart_and_the_newest_comes_first()
    {
        SubmissionRecord[] records =
        [
            Record(1, at: Day, first: 1), Record(2, at: Day.AddHours(1), first: 2, board: "kaggle"),
            Record(3, at: Day.AddHours(2), first: 3, run: "other"), Record(4, at: Day.AddHours(2), first: 4),
            Record(5, at: Day.AddHours(2), first: 5, run: "other", board: "Tianchi"),
        ];

        Assert.Equal([("run", "kaggle", 2), ("run", "Kaggle", 4)],
            Submission.Fold(records).Where(s => s.Run == "run").Select(s => (s.Run, s.Board, s.PublicScore)));
        Assert.Equal([("other", "Kaggle", 3), ("other", "Tianchi", 5)],
            Submission.Fold(records).Where(s => s.Run == "other").Select(s => (s.Run, s.Board, s.PublicScore)));
        Assert.Equal([2, 2, 1, 0], Submission.Fold(records[..4].Append(records[4])).Select(s => (s.At - Day).Hours));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_whatever_order_and_however_often_records_come_they_fold_to_the_same(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            SubmissionRecord[] records = [.. Enumerable.Range(1, random.Next(1, 12)).Select(uid => Some(random, uid))];
            var folded = Submission.Fold(records);

            // By the rule, one at a time.
            foreach (var submission in folded)
            {
                var own = records.Where(r => (r.Run, r.Board) == (submission.Run, submission.Board))
                    .OrderBy(r => r.Uid).ToList();
                var (first, last, note) = (default(double?), default(double?), default(string));
                foreach (var r in own)
                    (first, last, note) = (r.PublicScore ?? first, r.PrivateScore ?? last, r.Note ?? note);
                Assert.Equal((own.Min(r => r.At), first, last, note),
                    (submission.At, submission.PublicScore, submission.PrivateScore, submission.Note));
            }
            Assert.Equal(records.Select(r => (r.Run, r.Board)).Distinct().Count(), folded.Count);
            var shuffled = records.Concat(records.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(folded, Submission.Fold(shuffled.DistinctBy(r => r.Uid)));
            Assert.Equal(folded, Submission.Fold(shuffled));
        }
    }

    [Fact]
    public void A_new_record_keeps_what_was_told_in_whole_seconds_of_UTC()
    {
        var at = new DateTimeOffset(2026, 1, 31, 14, 5, 6, 789, TimeSpan.FromHours(8));

        var record = SubmissionRecord.Of("run", new SubmissionSpec(" Kaggle ", at, 0.5, null, " a\nb "), []);

        Assert.Equal(("run", "Kaggle", 0.5, null, "a\nb"),
            (record.Run, record.Board, record.PublicScore, record.PrivateScore, record.Note));
        Assert.Equal("2026-01-31T06:05:06Z", record.At.ToString(SubmissionRecord.TimeFormat));
        Assert.Equal((TimeSpan.Zero, 0), (record.At.Offset, record.At.Millisecond));
        Assert.Equal(7, Guid.Parse(record.Uid).Version);
    }

    [Fact]
    public void Without_a_time_it_is_now()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        var record = SubmissionRecord.Of("run", new SubmissionSpec("Kaggle", null, null, null, null), []);

        Assert.InRange(record.At, before, DateTimeOffset.UtcNow);
    }

    [Theory]
    // A clock that was a century ahead.
    [InlineData("03bb2cc3-d800-7000-8000-000000000001")]
    [InlineData("03bb2cc3-d800-7fff-bfff-ffffffffffff")]
    public void A_new_record_counts_before_those_of_a_clock_that_was_ahead(string ahead)
    {
        var known = Record(1, at: Day, first: 0.5) with { Uid = ahead };

        var added = SubmissionRecord.Of("run", new SubmissionSpec("Kaggle", null, 0.6, null, null),
            [known, Record(2, at: Day)]);

        Assert.Equal(7, Guid.Parse(added.Uid).Version);
        Assert.Equal(0.6, Assert.Single(Submission.Fold([known, added])).PublicScore);
    }

    [Theory]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff")]
    [InlineData("zzz")]
    public void An_id_that_nothing_can_stand_behind_is_no_failure(string uid) =>
        Assert.Equal(7, Guid.Parse(SubmissionRecord.Of("run", new SubmissionSpec("Kaggle", null, 0.6, null, null),
            [Record(1, at: Day) with { Uid = uid }]).Uid).Version);

    [Theory]
    [InlineData("", null, null, "", "--board: expected the name of a board, found nothing")]
    [InlineData(" ", null, null, null, "--board: expected the name of a board, found nothing")]
    [InlineData("a\e[2J", null, null, null, "--board: a name has no control characters and is on one line")]
    [InlineData("a\nb", null, null, null, "--board: a name has no control characters and is on one line")]
    [InlineData("a", double.NaN, null, null, "--public: expected a finite number, found NaN")]
    [InlineData("a", null, double.NegativeInfinity, null, "--private: expected a finite number, found -Infinity")]
    [InlineData("a", null, null, "\u009b31m", "--note: expected text without control characters")]
    public void What_cannot_be_is_refused(string board, double? first, double? last, string? note, string expected) =>
        Assert.Equal(expected, Assert.Throws<UserError>(
            () => SubmissionRecord.Of("run", new SubmissionSpec(board, null, first, last, note), [])).Message);

    [Fact]
    public void A_time_to_come_is_refused_and_everything_that_is_wrong_is_told_at_once()
    {
        var error = Assert.Throws<UserError>(() => SubmissionRecord.Of("run",
            new SubmissionSpec("", new DateTimeOffset(2999, 1, 31, 0, 0, 0, TimeSpan.Zero), double.NaN, null, null),
            []));

        Assert.Equal(3, error.Problems.Count);
        Assert.Equal("--at: 2999-01-31 00:00 UTC is still to come", error.Problems[^1].Text);
    }

    static SubmissionRecord Record(int uid, DateTimeOffset at, double? first = null, double? last = null,
        string? note = null, string run = "run", string board = "Kaggle") => new()
        {
            Uid = $"01900000-{uid:x4}-7000-8000-000000000000",
            Run = run,
            At = at,
            Board = board,
            PublicScore = first,
            PrivateScore = last,
            Note = note,
        };

    static SubmissionRecord Some(Random random, int uid) => Record(uid, Day.AddSeconds(random.Next(5)),
        random.Next(2) == 0 ? null : random.Next(3), random.Next(2) == 0 ? null : random.Next(3),
        random.Next(2) == 0 ? null : $"{random.Next(3)}", $"run {random.Next(3)}", $"board {random.Next(2)}");
}
