using System.Text.Json;
using Dapper;

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

        var session = Labs.Value<SessionRow>(path, "SELECT * FROM session");

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
