using System.Text.Json.Nodes;
using RerankLab.Core.Comparison;
using RerankLab.Core.Statistics;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>The outcome of <c>rlab diff</c>.</summary>
/// <param name="report">What was found.</param>
/// <param name="labels">What the runs are called, the baseline first.</param>
/// <param name="texts">Where queries and passages are looked up.</param>
sealed class DiffSummary(DiffReport report, string[] labels, TextsAtHand texts)
{
    const int ExcerptLength = 100;

    int Queries => report.Baseline.Evaluation.Queries.Count;

    /// <summary>The comparisons with what their runs are called.</summary>
    IEnumerable<(RunComparison Comparison, string Label)> Labelled => report.Comparisons.Zip(labels.Skip(1));

    public void Write(OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Table: WriteTables(); break;
            case OutputFormat.Tsv: Rows().WriteTsv(); break;
            case OutputFormat.Json: Listing.WriteJson(Json()); break;
            case OutputFormat.Markdown or OutputFormat.Latex:
                LeaderboardSummary.Write(report.Leaderboard, labels, Queries, format);
                break;
        }
        if (format == OutputFormat.Table) return;
        foreach (var reservation in report.Comparisons.SelectMany(c => c.Reservations).Distinct())
            Talk.Note($"{reservation}; nothing is called significant");
    }

    void WriteTables()
    {
        foreach (var (comparison, label) in Labelled) WriteSetup(comparison, label);
        Terminal.Out.WriteLine($"Measures, against {labels[0]}:");
        Measures().WriteTable();
        if (report.Tests > 0) WriteSignificance();
        Terminal.Out.WriteLine("How alike the rankings are, whatever is relevant (means over the queries that both runs answer):");
        Agreement().WriteTable();
        foreach (var (comparison, label) in Labelled)
        {
            var (measure, up, down) = comparison.Moved;
            WriteMoves($"Queries that gained most on {measure} from {labels[0]} to {label}:", comparison, up);
            WriteMoves($"Queries that lost most on {measure} from {labels[0]} to {label}:", comparison, down);
        }
        if (labels.Length > 2) LeaderboardSummary.Write(report.Leaderboard, labels, Queries, OutputFormat.Table);
    }

    void WriteSetup(RunComparison comparison, string label)
    {
        Terminal.Out.WriteLine(comparison.Setup.Count == 0
            ? $"{labels[0]} and {label} have the same set-up."
            : $"What differs in the set-up of {labels[0]} and {label}:");
        if (comparison.Setup.Count > 0)
        {
            var listing = new Listing("key", labels[0], label);
            foreach (var (key, a, b) in comparison.Setup) listing.Add(key, Short(a), Short(b));
            listing.WriteTable();
        }
        Terminal.Out.WriteLine(WhyScoresAreShared(comparison));
        foreach (var reservation in comparison.Reservations)
            Terminal.Out.WriteLine($"Mind: {reservation}; nothing is called significant.");
        Terminal.Out.WriteLine();
    }

    static string WhyScoresAreShared(RunComparison comparison)
    {
        if (comparison.ScoresShared)
            return $"They share scores: both take them from one scorer ({comparison.Run.ScorerFingerprint[..12]}), " +
                   "and a pair of texts that both have is scored once.";
        var fields = comparison.Setup.Where(d => d.IsOfScorer)
            .Select(d => $"{d.Key["scorer.".Length..]} ({Short(d.Baseline)}, {Short(d.Run)})").ToList();
        return "They share no scores: their scorers differ" + (fields.Count == 0 ? "." : $" in {string.Join(", ", fields)}.");
    }

    Listing Measures()
    {
        var listing = new Listing("measure", "run", "baseline", "value", "difference", "relative", "win / tie / loss");
        foreach (var (comparison, label) in Labelled)
            foreach (var m in comparison.Measures)
                listing.Add(m.Measure.ToString(), label, m.Baseline, m.Run, m.Difference,
                    m.Relative?.ToString("+0.0%;-0.0%;0.0%"), $"{m.Wins} / {m.Ties} / {m.Losses}");
        return listing;
    }

    void WriteSignificance()
    {
        Terminal.Out.WriteLine($"Is it chance? Over {Queries} queries:");
        var listing = new Listing("measure", "run", "95% interval", "p", "p (Holm)", "p (t-test)", "effect size", "detectable");
        foreach (var (comparison, label) in Labelled)
            foreach (var m in comparison.Measures)
                if (m.Significance is { } s)
                    listing.Add(m.Measure.ToString(), label,
                        s.Interval is null ? null : $"{Signed(s.Interval.Low)} to {Signed(s.Interval.High)}",
                        Probability(s.P), Probability(s.AdjustedP) + (s.IsSignificant ? " *" : ""), Probability(s.TTestP),
                        s.EffectSize, s.Detectable);
        listing.WriteTable();
        Console.Out.WriteLine(
            "p: paired randomisation test, two-sided. " +
            $"*: below {Significance.Alpha} after Holm's correction for all {report.Tests} tests. " +
            "Effect size: Cohen's d. Detectable: the smallest difference that this many queries show four times in five.");
        Terminal.Out.WriteLine();
    }

    Listing Agreement()
    {
        var listing = new Listing("run", "queries", "Kendall's tau", $"RBO (p={RankBiasedOverlap.DefaultPersistence})");
        foreach (var (comparison, label) in Labelled)
            listing.Add(label, comparison.Agreement.Queries, comparison.Agreement.KendallTau, comparison.Agreement.Overlap);
        return listing;
    }

    /// <summary>Texts are long, and a console would break them where it likes: they are written as they are.</summary>
    void WriteMoves(string title, RunComparison comparison, IReadOnlyList<QueryMove> moves)
    {
        if (moves.Count == 0) return;
        Console.Out.WriteLine(title);
        foreach (var move in moves)
        {
            Console.Out.WriteLine(
                $"  {move.Query}  {Listing.Shown(move.Baseline)} → {Listing.Shown(move.Run)}  {QueryText(comparison, move)}".TrimEnd());
            foreach (var d in move.Documents)
            {
                var label = d.Label is null ? "unjudged" : $"label {d.Label}";
                Console.Out.WriteLine(
                    $"    {Rank(d.BaselineRank)} → {Rank(d.Rank)}  {d.Document}  ({label})  {PassageText(comparison, d)}".TrimEnd());
            }
        }
        Console.Out.WriteLine();
    }

    /// <summary>A row a run and measure, in full precision.</summary>
    Listing Rows()
    {
        var listing = new Listing(["measure", "run", .. Values(null).Select(v => v.Key), "better_than", "worse_than"]);
        foreach (var (ordinal, (comparison, label)) in Labelled.Index())
            foreach (var (column, m) in comparison.Measures.Index())
                listing.Add(
                    [m.Measure.ToString(), label, .. Values(m).Select(v => v.Value), .. BetterAndWorse(ordinal + 1, column)]);
        return listing;
    }

    /// <summary>The labels of the runs that a run is significantly better than, and of those that are better than it.</summary>
    string[] BetterAndWorse(int run, int measure)
    {
        var column = report.Leaderboard.Entries.Select(e => e.Values[measure].BetterThan).ToList();
        return
        [
            string.Join(',', column[run].Select(r => labels[r])),
            string.Join(',', column.Index().Where(c => c.Item.Contains(run)).Select(c => labels[c.Index])),
        ];
    }

    static KeyValuePair<string, object?>[] Values(MeasureDifference? m) =>
    [
        new("baseline", m?.Baseline), new("value", m?.Run), new("difference", m?.Difference), new("relative", m?.Relative),
        new("wins", m?.Wins), new("ties", m?.Ties), new("losses", m?.Losses),
        new("p", m?.Significance?.P), new("p_holm", m?.Significance?.AdjustedP), new("p_ttest", m?.Significance?.TTestP),
        new("ci_low", m?.Significance?.Interval?.Low), new("ci_high", m?.Significance?.Interval?.High),
        new("effect_size", m?.Significance?.EffectSize), new("detectable", m?.Significance?.Detectable),
    ];

    JsonObject Json() => new()
    {
        ["baseline"] = new JsonObject { ["run"] = labels[0], ["uid"] = report.Baseline.Record.Uid },
        ["tests"] = report.Tests,
        ["runs"] = new JsonArray([.. Labelled.Select(c => Json(c.Comparison, c.Label))]),
        ["leaderboard"] = LeaderboardSummary.Json(report.Leaderboard, labels),
    };

    JsonObject Json(RunComparison comparison, string label) => new()
    {
        ["run"] = label,
        ["uid"] = comparison.Run.Uid,
        ["setup"] = new JsonArray([.. comparison.Setup.Select(d =>
            new JsonObject { ["key"] = d.Key, ["baseline"] = d.Baseline, ["value"] = d.Run })]),
        ["scores_shared"] = comparison.ScoresShared,
        ["scores_shared_why"] = WhyScoresAreShared(comparison),
        ["reservations"] = new JsonArray([.. comparison.Reservations.Select(r => JsonValue.Create(r))]),
        ["measures"] = new JsonArray([.. comparison.Measures.Select(m => new JsonObject(
            Values(m).Prepend(new("measure", m.Measure.ToString()))
                .Select(v => KeyValuePair.Create(v.Key, Listing.Node(v.Value)))))]),
        ["agreement"] = new JsonObject
        {
            ["queries"] = comparison.Agreement.Queries,
            ["kendall_tau"] = comparison.Agreement.KendallTau,
            ["rbo"] = comparison.Agreement.Overlap,
        },
        ["moved"] = new JsonObject
        {
            ["measure"] = comparison.Moved.Measure.ToString(),
            ["up"] = new JsonArray([.. comparison.Moved.Up.Select(m => Json(comparison, m))]),
            ["down"] = new JsonArray([.. comparison.Moved.Down.Select(m => Json(comparison, m))]),
        },
    };

    JsonObject Json(RunComparison comparison, QueryMove move) => new()
    {
        ["query"] = move.Query,
        ["text"] = QueryText(comparison, move),
        ["baseline"] = move.Baseline,
        ["value"] = move.Run,
        ["documents"] = new JsonArray([.. move.Documents.Select(d => new JsonObject
        {
            ["id"] = d.Document,
            ["label"] = d.Label,
            ["baseline_rank"] = d.BaselineRank,
            ["rank"] = d.Rank,
            ["text"] = PassageText(comparison, d),
        })]),
    };

    string? QueryText(RunComparison comparison, QueryMove move) =>
        move.Documents.Select(d => d.Text).FirstOrDefault(t => t is not null) is { } key ? Excerpt(texts.Query(comparison, key.Query)) : null;

    string? PassageText(RunComparison comparison, DocumentMove move) =>
        move.Text is { } key ? Excerpt(texts.Passage(comparison, key)) : null;

    /// <summary>The beginning of a text on one line.</summary>
    static string? Excerpt(string? text)
    {
        if (text is null) return null;
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= ExcerptLength) return line;
        return line[..(char.IsHighSurrogate(line[ExcerptLength - 1]) ? ExcerptLength - 1 : ExcerptLength)] + "…";
    }

    static string Probability(double? p) => p is null ? "" : p < 0.0001 ? "<0.0001" : Listing.Shown(p);

    static string Signed(double difference) => difference.ToString("+0.0000;-0.0000;0.0000");

    static string Rank(int? rank) => rank?.ToString() ?? "-";

    static string Short(string value) => value.Length == 64 ? value[..12] + "…" : value;
}
