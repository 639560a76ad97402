using System.Text.Json;
using Dapper;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;

namespace RerankLab.Store.Tests;

public class SessionTests
{
    sealed record SessionRow(long Id, string Uid, string Started, string? Ended, long Scored, string Device, string Provider,
        string Versions, string Host);

    [Fact]
    public void A_session_records_when_where_and_with_what_it_scored()
    {
        using var folder = new TemporaryFolder();
        var before = DateTimeOffset.UtcNow;
        var path = Labs.Make(folder, scores: 3);
        var after = DateTimeOffset.UtcNow;

        var session = Labs.Value<SessionRow>(path,
            "SELECT id, uid, started, ended, scored, device, provider, versions, host FROM session");

        Assert.Equal(7, Guid.Parse(session.Uid).Version);
        Assert.InRange(Time(session.Started), before, after);
        Assert.InRange(Time(session.Ended), Time(session.Started), after);
        Assert.Equal(3, session.Scored);
        Assert.Equal(("some GPU", "CUDA"), (session.Device, session.Provider));
        Assert.Equal(Some.Backend.Versions, JsonSerializer.Deserialize<Dictionary<string, string>>(session.Versions));
        var host = JsonSerializer.Deserialize<Dictionary<string, string>>(session.Host)!;
        Assert.Subset(host.Keys.ToHashSet(), new HashSet<string> { "rlab", "dotnet", "os", "processor" });

        static DateTimeOffset Time(string? text)
        {
            var time = DateTimeOffset.ParseExact(text!, "O", null);
            Assert.Equal(TimeSpan.Zero, time.Offset);
            return time;
        }
    }

    [Fact]
    public void Each_score_knows_its_session()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        var uids = new List<string>();
        for (int i = 1; i <= 3; i++)
        {
            using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
            uids.Add(writer.SessionUid);
            writer.Add(7, Some.Pair(i), i, i);
        }

        Assert.Equal(uids, lab.Connection.Query<string>(
            "SELECT uid FROM score JOIN session ON session.id = score.session ORDER BY pair"));
        Assert.Equal(3, uids.Distinct().Count());
    }

    [Fact]
    public void Each_score_is_traced_to_its_session()
    {
        using var folder = new TemporaryFolder();
        var path = folder["lab.db"];
        var uids = new List<string>();
        using (var lab = Labs.Write(path))
            foreach (var scores in new[] { (1, 2), (3, 3) })
            {
                using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);
                uids.Add(writer.SessionUid);
                for (int i = scores.Item1; i <= scores.Item2; i++) writer.Add(7, Some.Pair(i), i, i);
            }

        using var reading = LabFile.OpenForReading(path);
        var cache = new ScoreCache(reading);
        // Pair 2 twice, as equal texts are; pair 4 without a score; and a query without any.
        var found = cache.SessionsOf(Some.Scorer(), [new QueryKeys(7, [.. new[] { 3, 2, 4, 1, 2 }.Select(Some.Pair)]), new QueryKeys(8, [Some.Pair(1)])]);

        Assert.Equal([uids[1], uids[0], null, uids[0], uids[0]], found[0].Select(s => s?.Uid));
        Assert.Null(Assert.Single(found[1]));
        Assert.Same(found[0][1], found[0][3]);
        var session = found[0][0]!;
        Assert.Equal(("some GPU", "CUDA"), (session.Backend.Device, session.Backend.Provider));
        Assert.Equal(Some.Backend.Versions, session.Backend.Versions);
        Assert.Equal(ThisMachine.Describe(), session.Machine);
        Assert.InRange(DateTimeOffset.UtcNow - session.Started, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Empty(session.DifferencesFrom(Some.Backend, ThisMachine.Describe()));
        Assert.All(cache.SessionsOf(Some.Scorer("other", maxLength: 1), [new QueryKeys(7, [Some.Pair(1)])])[0], Assert.Null);
    }

    [Fact]
    public void A_session_without_scores_ends_too()
    {
        using var folder = new TemporaryFolder();
        var path = Labs.Make(folder, scores: 0);

        Assert.Equal((0, true), Labs.Value<(int, bool)>(path, "SELECT scored, ended IS NOT NULL FROM session"));
    }

    [Fact]
    public void A_session_under_way_has_no_end()
    {
        using var folder = new TemporaryFolder();
        using var lab = Labs.Write(folder["lab.db"]);
        using var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend);

        Assert.Equal((0, true), Labs.Value<(int, bool)>(folder["lab.db"], "SELECT scored, ended IS NULL FROM session"));
    }
}
