using System.Text.Json;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;
using RerankLab.Core.Verification;

namespace RerankLab.Store.Tests;

/// <summary>
/// A lab file that was damaged anywhere either says so, or gives what was written: never a wrong score, list or measure
/// in silence.
/// </summary>
public sealed class DamageTests : IDisposable
{
    const int Queries = 12, Documents = 60;

    readonly TemporaryFolder _folder = new();
    readonly QueryKeys[] _keys;
    readonly byte[] _file;
    readonly Dictionary<string, string> _truth;

    public DamageTests()
    {
        var random = new Random(7);
        _keys = [.. Enumerable.Range(0, Queries).Select(_ => new QueryKeys(random.NextInt64(),
            [.. Enumerable.Range(0, Documents).Select(_ => Some.Pair(random))]))];
        Write(_folder["whole.db"]);
        _file = File.ReadAllBytes(_folder["whole.db"]);
        _truth = Read(_folder["whole.db"], []);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_flipped_byte_anywhere_is_found_or_does_not_matter(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < LongTests.Rounds(few: 100, many: 1000); round++)
        {
            var (at, by) = (random.Next(_file.Length), (byte)random.Next(1, 256));
            byte[] damaged = [.. _file];
            damaged[at] ^= by;
            AssertHonest(damaged, $"seed {seed}, round {round}: byte {at} xor {by}");
        }
    }

    [Fact]
    public void Many_bytes_overwritten_are_found_or_do_not_matter()
    {
        var random = new Random(3);
        for (int round = 0; round < LongTests.Rounds(few: 50, many: 500); round++)
        {
            var (at, length) = (random.Next(_file.Length), random.Next(2, 600));
            byte[] damaged = [.. _file];
            random.NextBytes(damaged.AsSpan(at, Math.Min(length, damaged.Length - at)));
            AssertHonest(damaged, $"round {round}: {length} bytes from {at}");
        }
    }

    [Fact]
    public void A_file_that_was_cut_off_anywhere_is_found_out()
    {
        var random = new Random(4);
        for (int round = 0; round < LongTests.Rounds(few: 50, many: 500); round++)
        {
            int length = random.Next(1, _file.Length);
            AssertHonest(_file[..length], $"round {round}: cut off at {length} of {_file.Length}");
        }
    }

    /// <summary>Everything read is true; what is missing is accounted for by a refusal, a note or a check.</summary>
    void AssertHonest(byte[] bytes, string what)
    {
        var path = _folder["damaged.db"];
        File.WriteAllBytes(path, bytes);
        var notes = new List<string>();
        Dictionary<string, string> read;
        try
        {
            read = Read(path, notes);
        }
        catch (UserError e)
        {
            Assert.NotEmpty(e.Message);
            return;
        }
        catch (SqliteException e)
        {
            Assert.True(LabFile.Explain(e, path) is not null, $"{what}: {e}");
            return;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{what}: {e}");
            return;
        }
        // Of a damaged session everything is shown, with a note.
        foreach (var key in read.Keys.Where(k => k.StartsWith("session ", StringComparison.Ordinal)).ToList())
            if (notes.Exists(n => n.Contains(": session ", StringComparison.Ordinal))) read.Remove(key);
        foreach (var (key, value) in read)
            Assert.True(_truth.GetValueOrDefault(key) == value,
                $"{what}: {key} is {value}, and was {_truth.GetValueOrDefault(key)}");
        if (read.Count == _truth.Count) return;
        using var lab = LabFile.OpenForReading(path);
        Assert.True(notes.Count > 0 || new IntegrityCheck(lab).Run().Any(f => f.Kind == IntegrityResult.Damage),
            $"{what}: {_truth.Count - read.Count} values are missing, and nobody says so");
    }

    /// <summary>Whatever rlab reads of a lab file, each value by a name.</summary>
    Dictionary<string, string> Read(string path, List<string> notes)
    {
        var read = new Dictionary<string, string>();
        using var lab = LabFile.OpenForReading(path, notes.Add);
        var cache = new ScoreCache(lab);
        foreach (var scorer in (ScorerIdentity[])[Some.Scorer(), Some.Scorer(maxLength: 8)])
        {
            var scores = new PairScores(_keys);
            cache.Find(scorer, _keys, scores);
            if (scores.Damaged > 0) notes.Add($"{scores.Damaged} damaged");
            var sessions = cache.SessionsOf(scorer, _keys);
            for (int q = 0; q < Queries; q++)
                for (int d = 0; d < Documents; d++)
                    if (scores.Has(q, d))
                        read.Add($"score {scorer.ShortFingerprint} {q} {d}",
                            $"{scores.Logits[q][d]} {scores.Tokens[q][d]}");
            foreach (var session in sessions.SelectMany(s => s).OfType<ScoringSession>().Distinct())
                read.TryAdd($"session {session.Uid}",
                    $"{session.Started:O} {JsonSerializer.Serialize(session.Backend)}");
        }
        foreach (var scorer in cache.ScorersNamed("gte"))
            read.Add($"scorer {scorer.Fingerprint}", JsonSerializer.Serialize(scorer));
        var store = new RunStore(lab);
        foreach (var run in store.Runs())
        {
            // A name is the user's to change, and so are tags.
            read.Add($"run {run.Uid}", JsonSerializer.Serialize(run with { Name = "", Tags = [], Measures = [] }));
            foreach (var (name, value) in run.Measures) read.Add($"measure {run.Uid} {name}", $"{value:R}");
            var data = store.Load(run);
            for (int q = 0; q < data.Candidates.Count; q++)
            {
                read.Add($"candidates {run.Uid} {q}",
                    JsonSerializer.Serialize(data.Candidates[q]) + data.Keys![q].Query + string.Join(',', data.Keys[q].Pairs));
                read.Add($"logits {run.Uid} {q}", string.Join(',', data.Logits![q]));
            }
            foreach (var query in data.Qrels!.Queries)
                read.Add($"qrels {run.Uid} {query}", JsonSerializer.Serialize(data.Qrels.Of(query)));
        }
        foreach (var submission in new SubmissionStore(lab).Records())
            read.Add($"submission {submission.Uid}", JsonSerializer.Serialize(submission));
        return read;
    }

    void Write(string path)
    {
        var random = new Random(9);
        using var lab = LabFile.OpenForWriting(path);
        foreach (var scorer in (ScorerIdentity[])[Some.Scorer(), Some.Scorer(maxLength: 8)])
        {
            float[][] logits = [.. _keys.Select(k => k.Pairs.Select(_ => (float)random.NextDouble() * 10).ToArray())];
            using var writer = new ScoreCache(lab).BeginSession(scorer, Some.Backend);
            for (int q = 0; q < Queries; q++)
                for (int d = 0; d < Documents; d++)
                    writer.Add(_keys[q].Query, _keys[q].Pairs[d], logits[q][d], 20 + d);
            writer.CommitIfDue();
            var qrels = new Qrels();
            for (int q = 0; q < Queries; q++)
                for (int d = 0; d < 5; d++)
                    qrels.Add($"q{q}", $"document-{q}-{d}", d % 3);
            var data = new RunData(
                [.. _keys.Select((k, q) => new CandidateQuery($"q{q}",
                    [.. k.Pairs.Select((_, d) => $"document-{q}-{d}")], [.. k.Pairs.Select((_, d) => 1.0 / (d + 1))]))],
                _keys, logits, qrels);
            var evaluation = Evaluation.Of(data.Rankings(Documents), qrels, [new ReciprocalRank(10, 1)]);
            writer.Dispose();
            var record = Record(scorer, writer.SessionUid);
            new RunStore(lab).Save(record, scorer, data, evaluation);
            var submissions = new SubmissionStore(lab);
            for (int i = 0; i < 40; i++)
                submissions.Add(SubmissionRecord.Of(record.Uid,
                    new SubmissionSpec($"board {i % 3}", null, i % 2 == 0 ? random.NextDouble() : null, i, $"note {i}"),
                    submissions.Records()));
        }
    }

    static RunRecord Record(ScorerIdentity scorer, string session) => new()
    {
        Uid = Guid.CreateVersion7().ToString(),
        Name = "gte",
        Started = new DateTimeOffset(2024, 5, 31, 1, 2, 3, TimeSpan.Zero),
        Status = RunStatus.Complete,
        Depth = Documents,
        ExperimentText = "name: gte\n",
        Overrides = ["a=1"],
        ExperimentPath = "gte.yaml",
        Setup = """{"ranking":{"activation":"none"}}""",
        ScorerFingerprint = scorer.Fingerprint,
        SessionUid = session,
        Device = Some.Backend.Device,
        Counts = new RunCounts(Queries, Queries * Documents, Queries * Documents, 0,
            Queries * Documents, Queries * Documents, 0, 80, 90),
        Seconds = [KeyValuePair.Create("score", 1.5)],
        Cost = 0.5,
        Currency = "CNY",
        Provenance = new Provenance(new Dictionary<string, string> { ["os"] = "Linux" }, new string('c', 40), true),
        Tags = ["dev"],
        Measures = [],
    };
}
