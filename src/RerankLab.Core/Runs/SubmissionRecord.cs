using System.Globalization;

namespace RerankLab.Core.Runs;

/// <summary>What the user tells of a run that was handed in.</summary>
/// <param name="Board">Where: Kaggle, Tianchi, CodaBench …</param>
/// <param name="At">When it was handed in; null for now.</param>
/// <param name="PublicScore">What the board said at once; null where nothing is known of it.</param>
/// <param name="PrivateScore">What it said at the end; null where nothing is known of it.</param>
/// <param name="Note">The user's own words; null for none.</param>
public sealed record SubmissionSpec(string Board, DateTimeOffset? At, double? PublicScore, double? PrivateScore, string? Note);

/// <summary>What was told of a run on a board at one time. It never changes: what is known later, or corrects, is another record.</summary>
public sealed record SubmissionRecord
{
    /// <summary>How times are written, which are UTC: 2026-01-31T14:05:00Z.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>UUIDv7, 36 characters: of what the records of one run and board say, the latest counts.</summary>
    public required string Uid { get; init; }

    /// <summary>The run's uid.</summary>
    public required string Run { get; init; }

    /// <summary>When it was handed in, UTC, in whole seconds.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Board { get; init; }

    /// <summary>Finite; null where this record does not say.</summary>
    public required double? PublicScore { get; init; }

    /// <summary>Finite; null where this record does not say.</summary>
    public required double? PrivateScore { get; init; }

    /// <summary>Null where this record does not say; empty for one that takes a note back.</summary>
    public required string? Note { get; init; }

    /// <summary>A new record.</summary>
    /// <param name="run">The run's uid.</param>
    /// <param name="spec">What is told.</param>
    /// <param name="known">The records that there are: the new one counts before all of them.</param>
    /// <exception cref="UserError">It cannot be so: all that is wrong is named.</exception>
    public static SubmissionRecord Of(string run, SubmissionSpec spec, IEnumerable<SubmissionRecord> known)
    {
        var (now, board) = (DateTimeOffset.UtcNow, spec.Board.Trim());
        var problems = new List<string>();
        if (board.Length == 0) problems.Add("--board: expected the name of a board, found nothing");
        if (board.Any(char.IsControl)) problems.Add("--board: a name has no control characters and is on one line");
        if (spec.Note?.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) == true)
            problems.Add("--note: expected text without control characters");
        if (spec.PublicScore is { } first && !double.IsFinite(first)) problems.Add($"--public: expected a finite number, found {first}");
        if (spec.PrivateScore is { } last && !double.IsFinite(last)) problems.Add($"--private: expected a finite number, found {last}");
        // A day's room for the clocks and time zones of others.
        if (spec.At > now.AddDays(1)) problems.Add($"--at: {Shown(spec.At.Value)} is still to come");
        if (problems.Count > 0) throw new UserError([.. problems.Select(p => new Problem(null, null, p))]);

        var at = (spec.At ?? now).UtcDateTime;
        return new SubmissionRecord
        {
            Uid = UidAfter(known.Select(k => k.Uid).Max(StringComparer.Ordinal), now),
            Run = run,
            At = new DateTimeOffset(at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond)), TimeSpan.Zero),
            Board = board,
            PublicScore = spec.PublicScore,
            PrivateScore = spec.PrivateScore,
            Note = spec.Note?.Trim(),
        };
    }

    /// <summary>A new id that stands behind the latest, even where that came from a clock ahead: else a correction would not count.</summary>
    static string UidAfter(string? latest, DateTimeOffset now)
    {
        var uid = Guid.CreateVersion7(now).ToString();
        if (string.CompareOrdinal(uid, latest) > 0 || !Guid.TryParseExact(latest, "D", out _)) return uid;
        // The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562).
        long milliseconds = long.Parse(
            $"{latest.AsSpan(0, 8)}{latest.AsSpan(9, 4)}", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds + 1)).ToString() : uid;
    }

    static string Shown(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
