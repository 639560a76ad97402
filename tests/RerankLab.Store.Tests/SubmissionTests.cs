using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;

namespace RerankLab.Store.Tests;

/// <summary>What boards said of runs: kept, folded, merged, damaged.</summary>
public sealed class SubmissionTests : IDisposable
{
    static readonly DateTimeOffset Day = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);

    readonly TemporaryFolder _folder = new();
    readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_come_back_as_they_were_added_in_the_order_of_their_ids()
    {
        SubmissionRecord[] records =
        [
            Record(2, first: 0.93125, last: -1e-300, note: "实验\tone"),
            Record(1, first: -0.0, note: ""), Record(3), Record(4, last: double.MaxValue, board: "天池", run: 2),
        ];

        var path = Make("lab.db", runs: 2, records);

        Assert.Equal(records.OrderBy(r => r.Uid), Read(path));
        Assert.Empty(_notes);
        Labs.AssertOneClosedFile(path);
        AssertNothingDamaged(path);
    }

    [Fact]
    public void A_file_without_submissions_has_none() => Assert.Empty(Read(Make("lab.db", runs: 1)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_view_says_what_the_fold_says(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 10; round++)
        {
            SubmissionRecord[] records = [.. Enumerable.Range(1, random.Next(1, 20)).Select(uid => Any(random, uid))];
            random.Shuffle(records);
            var path = Make($"{round}.db", runs: 3, records);

            var rows = Labs.Rows<(string, string, string, string, double?, double?, string?)>(path, """
                SELECT run, name, board, at, public_score, private_score, note
                FROM submissions ORDER BY at DESC, run DESC, board
                """);

            Assert.Equal(
                Submission.Fold(records).Select(s => (s.Run, $"run {s.Run[^1]}", s.Board,
                    s.At.ToString(SubmissionRecord.TimeFormat), s.PublicScore, s.PrivateScore, s.Note)),
                rows);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merged_in_any_order_together_or_in_steps_files_give_the_same_list(int seed)
    {
        var random = new Random(seed);
        SubmissionRecord[] all = [.. Enumerable.Range(1, 30).Select(uid => Any(random, uid))];
        var sources = Enumerable.Range(0, 4).Select(i => Make($"source{i}.db", runs: 3,
            [.. all.Where((_, n) => n % 4 == i || random.Next(3) == 0)])).ToArray();
        var expected = Submission.Fold(all);

        for (int round = 0; round < 6; round++)
        {
            random.Shuffle(sources);
            var into = _folder[$"merged{round}.db"];
            if (round % 2 == 0) Merge(into, sources);
            else foreach (var source in sources) Merge(into, source);
            var report = Merge(into, sources[0]);

            Assert.Equal(all, Read(into));
            Assert.Equal(expected, Submission.Fold(Read(into)));
            Assert.All(report.Counts, c => Assert.Equal(0, c.Value.Added));
            AssertNothingDamaged(into);
        }
    }

    [Fact]
    public void A_merge_counts_what_is_new_and_what_was_there_and_a_dry_run_says_the_same()
    {
        var source = Make("box.db", runs: 2, Record(1, first: 1), Record(2, first: 2), Record(3, run: 2));
        var target = Make("lab.db", runs: 1, Record(1, first: 1), Record(9, first: 9));
        var before = File.ReadAllBytes(target);

        var dry = Merge(new MergeSpec([source, source], target, IsDryRun: true));
        Assert.Equal(before, File.ReadAllBytes(target));
        var report = Merge(target, source);

        foreach (var count in new[] { Count(dry), Count(report) })
            Assert.Equal((2, 1, 0, 0), (count.Added, count.Known, count.Damaged, count.Repaired));
        Assert.Equal([1, 2, 3, 9], Read(target).Select(r => int.Parse(r.Uid[9..13])));
    }

    [Fact]
    public void A_damaged_row_is_left_out_told_and_not_merged()
    {
        var source = Make("box.db", runs: 1, Record(1, first: 0.5), Record(2, first: 0.6));
        Labs.Change(source, $"UPDATE submission SET public_score = 0.9 WHERE uid = '{Uid(2)}'");

        Assert.Equal(0.5, Assert.Single(Submission.Fold(Read(source))).PublicScore);
        Assert.Equal([$"{source}: submission {Uid(2)} (Kaggle) is damaged and left out: rlab cache check says more"],
            _notes);
        var damage = Assert.Single(Check(source));
        Assert.Equal(("check values of submission", 1, $"{Uid(2)} (Kaggle)"),
            (damage.Check, damage.Count, damage.Example));
        var count = Count(Merge(_folder["lab.db"], source));
        Assert.Equal((1, 1), (count.Added, count.Damaged));
        Assert.Equal([Uid(1)], Read(_folder["lab.db"]).Select(r => r.Uid));
    }

    [Theory]
    [InlineData("at = '2026-02-01T00:00:00Z'")]
    [InlineData("board = 'another'")]
    [InlineData("private_score = 0.5")]
    [InlineData("public_score = NULL")]
    [InlineData("note = 'better'")]
    [InlineData("uid = '01900000-0002-7000-8000-000000000001'")]
    [InlineData("run = (SELECT id FROM run WHERE name = 'run 2')")]
    [InlineData("run = 99")]
    public void Whatever_is_changed_in_a_row_is_found(string change)
    {
        var path = Make("lab.db", runs: 2, Record(1, first: 0.5, note: "good"));
        Labs.Change(path, $"PRAGMA foreign_keys = OFF; UPDATE submission SET {change}");

        Assert.Empty(Read(path));
        Assert.Single(_notes);
        Assert.Contains(Check(path), f => f.Check == "check values of submission");
        Assert.Equal(1, Count(Merge(_folder["merged.db"], path)).Damaged);
    }

    [Theory]
    [InlineData("at = 'now'")]
    [InlineData("at = '2026-02-30T00:00:00Z'")]
    [InlineData("at = '0000-01-01T00:00:00Z'")]
    [InlineData("public_score = 9e999")]
    [InlineData("private_score = -9e999")]
    public void A_strangers_row_of_what_cannot_be_is_left_out_with_a_right_check_value_too(string change)
    {
        var path = Make("lab.db", runs: 1, Record(1, first: 0.5));
        using (var lab = LabFile.OpenForWriting(path))
            Labs.RowsThrough<long>(lab, $"UPDATE submission SET {change} RETURNING id");
        using (var lab = LabFile.OpenForWriting(path)) RowCheck.Set(lab.Connection, "submission", "TRUE", new { });

        Assert.Empty(Read(path));
        Assert.Single(_notes);
        Assert.Equal(["times and scores of submissions"], Check(path).Select(f => f.Check));
        Assert.Equal(1, Count(Merge(_folder["merged.db"], path)).Damaged);
    }

    [Fact]
    public void A_damaged_row_of_the_target_is_replaced_by_a_good_one()
    {
        var target = Make("lab.db", runs: 1, Record(1, first: 0.5), Record(2, first: 0.6));
        var source = Make("box.db", runs: 1, Record(1, first: 0.5), Record(2, first: 0.6));
        Labs.Change(target, $"UPDATE submission SET public_score = 0.9 WHERE uid = '{Uid(2)}'");

        var dry = Merge(new MergeSpec([source], target, IsDryRun: true));
        var report = Merge(target, source);

        foreach (var count in new[] { Count(dry), Count(report) })
            Assert.Equal((0, 1, 0, 1), (count.Added, count.Known, count.Damaged, count.Repaired));
        Assert.Equal(Read(source), Read(target));
        AssertNothingDamaged(target);
    }

    [Fact]
    public void Of_a_run_that_is_not_copied_no_submission_is_but_one_whose_run_another_file_has_is()
    {
        var source = Make("box.db", runs: 1, Record(1, first: 0.5));
        Labs.Change(source, "UPDATE logits SET data = x'00000000'");

        var count = Count(Merge(_folder["lab.db"], source));
        Assert.Equal((0, 1), (count.Added, count.Damaged));
        Assert.Empty(Read(_folder["lab.db"]));
        Assert.Equal(1, Count(Merge(_folder["whole.db"], source, Make("good.db", runs: 1))).Added);
        Assert.Equal([Uid(1)], Read(_folder["whole.db"]).Select(r => r.Uid));
    }

    [Fact]
    public void Removing_takes_the_rows_of_one_run_and_board_and_merging_brings_them_back()
    {
        var path = Make("lab.db", runs: 2,
            Record(1, board: "Kagle"), Record(2, board: "Kagle"), Record(3), Record(4, board: "Kagle", run: 2));
        File.Copy(path, _folder["copy.db"]);

        using (var lab = LabFile.OpenForWriting(path))
        {
            Assert.Equal(2, new SubmissionStore(lab).Remove(RunUid(1), "Kagle"));
            Assert.Equal(0, new SubmissionStore(lab).Remove(RunUid(1), "Kagle"));
        }

        Assert.Equal([Uid(3), Uid(4)], Read(path).Select(r => r.Uid));
        Labs.AssertOneClosedFile(path);
        Assert.Equal(2, Count(Merge(path, _folder["copy.db"])).Added);
        Assert.Equal([Uid(1), Uid(2), Uid(3), Uid(4)], Read(path).Select(r => r.Uid));
    }

    [Fact]
    public void Statistics_count_runs_on_boards()
    {
        var path = Make("lab.db", runs: 2, Record(1), Record(2), Record(3, board: "Tianchi"), Record(4, run: 2));
        using var lab = LabFile.OpenForReading(path);

        Assert.Equal(3, new CacheStatistics(lab).Submissions);
    }

    static string Uid(int number) => $"01900000-{number:x4}-7000-8000-000000000000";

    static string RunUid(int number) => $"018f0000-0000-7000-8000-{number:x12}";

    static SubmissionRecord Record(int uid, double? first = null, double? last = null, string? note = null,
        int run = 1, string board = "Kaggle", DateTimeOffset? at = null) => new()
        {
            Uid = Uid(uid),
            Run = RunUid(run),
            At = at ?? Day,
            Board = board,
            PublicScore = first,
            PrivateScore = last,
            Note = note,
        };

    static SubmissionRecord Any(Random random, int uid) => Record(uid,
        random.Next(2) == 0 ? null : random.Next(3), random.Next(2) == 0 ? null : random.NextDouble(),
        random.Next(2) == 0 ? null : $"{random.Next(3)}", random.Next(1, 4), $"board {random.Next(2)}",
        Day.AddSeconds(random.Next(5)));

    /// <summary>A lab file of so many runs of one pair, and records of them.</summary>
    string Make(string name, int runs, params SubmissionRecord[] records)
    {
        using var lab = LabFile.OpenForWriting(_folder[name]);
        var data = new RunData(
            [new CandidateQuery("q", ["d"], null)], [new QueryKeys(7, [Some.Pair(1)])], [[1f]], null);
        for (int i = 1; i <= runs; i++)
            new RunStore(lab).Save(new RunRecord
            {
                Uid = RunUid(i),
                Name = $"run {i}",
                Started = Day,
                Status = RunStatus.Complete,
                Depth = 1,
                ExperimentText = "",
                Overrides = [],
                ExperimentPath = "",
                Setup = "{}",
                ScorerFingerprint = "",
                SessionUid = null,
                Device = null,
                Counts = new RunCounts(1, 1, 1, 0, 0, 0, 0, 0, 0),
                Seconds = [],
                Cost = null,
                Currency = null,
                Provenance = new Provenance(new Dictionary<string, string>(), null, null),
                Tags = [],
                Measures = [],
            }, Some.Scorer(), data, null);
        foreach (var record in records) new SubmissionStore(lab).Add(record);
        return _folder[name];
    }

    IReadOnlyList<SubmissionRecord> Read(string path)
    {
        using var lab = LabFile.OpenForReading(path, _notes.Add);
        return new SubmissionStore(lab).Records();
    }

    MergeReport Merge(string into, params string[] sources) => Merge(new MergeSpec(sources, into, IsDryRun: false));

    MergeReport Merge(MergeSpec spec) => LabMerge.Run(spec, _notes.Add, null, TestContext.Current.CancellationToken);

    static MergeCount Count(MergeReport report) => report.Counts.Single(c => c.Key == "submissions").Value;

    static List<IntegrityFinding> Check(string path)
    {
        using var lab = LabFile.OpenForReading(path);
        return [.. new IntegrityCheck(lab).Run()
            .Where(f => f.Kind == IntegrityResult.Damage && !f.Check.StartsWith("references"))];
    }

    static void AssertNothingDamaged(string path)
    {
        Assert.Empty(Check(path));
        Labs.AssertIntact(path);
    }
}
