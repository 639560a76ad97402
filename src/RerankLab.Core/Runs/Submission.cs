namespace RerankLab.Core.Runs;

/// <summary>A run on a board: what all records of it say together. The view <c>submissions</c> of the lab file says the same.</summary>
/// <param name="Run">The run's uid.</param>
/// <param name="Board">The board.</param>
/// <param name="At">The earliest time of all records.</param>
/// <param name="PublicScore">Of the latest record that says one; null where none does.</param>
/// <param name="PrivateScore">Of the latest record that says one; null where none does.</param>
/// <param name="Note">Of the latest record that has one; null where none does.</param>
public sealed record Submission(string Run, string Board, DateTimeOffset At, double? PublicScore, double? PrivateScore, string? Note)
{
    /// <summary>Folds records, which can come in any order; of what was handed in the newest first.</summary>
    public static IReadOnlyList<Submission> Fold(IEnumerable<SubmissionRecord> records) =>
    [
        .. records.OrderByDescending(r => r.Uid, StringComparer.Ordinal).GroupBy(r => (r.Run, r.Board))
            .Select(latestFirst => new Submission(latestFirst.Key.Run, latestFirst.Key.Board, latestFirst.Min(r => r.At),
                latestFirst.Select(r => r.PublicScore).FirstOrDefault(s => s is not null),
                latestFirst.Select(r => r.PrivateScore).FirstOrDefault(s => s is not null),
                latestFirst.Select(r => r.Note).FirstOrDefault(n => n is not null)))
            .OrderByDescending(s => s.At).ThenByDescending(s => s.Run, StringComparer.Ordinal).ThenBy(s => s.Board, StringComparer.Ordinal),
    ];
}
