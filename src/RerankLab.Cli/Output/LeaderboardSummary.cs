using System.Text.Json.Nodes;
using RerankLab.Core.Comparison;
using RerankLab.Core.Statistics;

namespace RerankLab.Cli.Output;

/// <summary>Runs by measures, with superscripts that name the runs that each is significantly better than.</summary>
static class LeaderboardSummary
{
    /// <summary>Writes the table with what its superscripts mean, for people or for publication.</summary>
    public static void Write(Leaderboard leaderboard, string[] labels, int queries, OutputFormat format)
    {
        var listing = ListingOf(leaderboard, labels);
        var legend = Legend(leaderboard, queries);
        switch (format)
        {
            case OutputFormat.Table:
                listing.WriteTable();
                Console.Out.WriteLine(legend);
                break;
            case OutputFormat.Markdown:
                listing.WriteMarkdown();
                Console.Out.WriteLine();
                Console.Out.WriteLine(MarkdownTable.Escape(legend));
                break;
            case OutputFormat.Latex:
                Console.Out.WriteLine($"% {legend.ReplaceLineEndings(" ")}");
                listing.WriteLatex();
                break;
        }
    }

    public static JsonArray Json(Leaderboard leaderboard, string[] labels) =>
        new([.. leaderboard.Entries.Select((entry, i) => new JsonObject
        {
            ["run"] = labels[i],
            ["uid"] = entry.Run.Uid,
            ["measures"] = new JsonObject(leaderboard.Measures.Zip(entry.Values,
                (m, v) => KeyValuePair.Create(m.ToString(), (JsonNode?)v.Mean))),
            ["better_than"] = new JsonObject(leaderboard.Measures.Zip(entry.Values, (m, v) => KeyValuePair.Create(
                m.ToString(), (JsonNode?)new JsonArray([.. v.BetterThan.Select(r => JsonValue.Create(labels[r]))])))),
        })]);

    static Listing ListingOf(Leaderboard leaderboard, string[] labels)
    {
        var listing = new Listing(["", "run", .. leaderboard.Measures.Select(m => m.ToString())]);
        foreach (var (i, entry) in leaderboard.Entries.Index())
            listing.Add([Marked.Mark(i), labels[i],
                .. entry.Values.Select(v => (object)new Marked(v.Mean, Marked.Join(v.BetterThan, labels.Length)))]);
        return listing;
    }

    static string Legend(Leaderboard leaderboard, int queries) =>
        leaderboard.Comparisons == 0
            ? $"Means over {queries} queries. Nothing was tested: {string.Join("; ", leaderboard.Reservations)}."
            : $"Means over {queries} queries. Superscripts: significantly better than the runs of these letters " +
              $"(paired randomisation test, two-sided, {RandomisationTest.DefaultResamples:N0} resamples, " +
              $"Holm's correction for {leaderboard.Comparisons} tests, p < {Significance.Alpha})." +
              (leaderboard.Reservations.Count == 0 ? ""
                  : $" Not every pair was tested: {string.Join("; ", leaderboard.Reservations)}.");
}
