using System.Globalization;
using Dapper;
using RerankLab.Core.Runs;

namespace RerankLab.Store;

/// <summary>What boards said of the runs of a lab file. Rows are added, or deleted; none is changed.</summary>
public sealed class SubmissionStore(LabFile lab)
{
    /// <summary>SQL for what the user knows a row by.</summary>
    internal const string Name = "uid || ' (' || board || ')'";

    /// <summary>SQL for a row's values being such that there can be: a lab file may come from a stranger.</summary>
    internal const string IsPossible = """
        (at IS strftime('%Y-%m-%dT%H:%M:%SZ', at) AND at >= '0001'
            AND abs(coalesce(public_score, 0)) < 9e999 AND abs(coalesce(private_score, 0)) < 9e999)
        """;

    /// <summary>The condition that a row is what was written, and belongs to a run.</summary>
    internal static readonly string Intact = $"{RowCheck.Holds("submission")} AND {IsPossible}";

    /// <summary>All records, the latest last; what is damaged is left out and told.</summary>
    public IReadOnlyList<SubmissionRecord> Records()
    {
        lab.NoteDamaged("submission", Name, Intact);
        return [.. lab.Connection.Query<SubmissionRow>(
            $"""
            SELECT submission.uid, run.uid AS Run, at, board, public_score AS PublicScore, private_score AS PrivateScore, note
            FROM submission JOIN run ON run.id = submission.run WHERE {Intact} ORDER BY submission.uid
            """).Select(r => r.ToRecord())];
    }

    /// <summary>Adds a record of a run that the lab file has.</summary>
    public void Add(SubmissionRecord record)
    {
        lab.BeginWriting();
        using var transaction = lab.BeginTransaction();
        var id = lab.Connection.ExecuteScalar<long>(
            """
            INSERT INTO submission (uid, run, at, board, public_score, private_score, note)
            VALUES (@Uid, (SELECT id FROM run WHERE uid = @Run), @at, @Board, @PublicScore, @PrivateScore, @Note) RETURNING id
            """,
            new
            {
                record.Uid,
                record.Run,
                at = record.At.UtcDateTime.ToString(SubmissionRecord.TimeFormat, CultureInfo.InvariantCulture),
                record.Board,
                record.PublicScore,
                record.PrivateScore,
                record.Note,
            });
        RowCheck.Set(lab.Connection, "submission", "id = @id", new { id });
        transaction.Commit();
    }

    /// <summary>Deletes the rows of a run and board, damaged ones too.</summary>
    /// <returns>How many there were.</returns>
    public int Remove(string run, string board)
    {
        lab.BeginWriting();
        using var transaction = lab.BeginTransaction();
        int removed = lab.Connection.Execute(
            "DELETE FROM submission WHERE run = (SELECT id FROM run WHERE uid = @run) AND board = @board", new { run, board });
        transaction.Commit();
        return removed;
    }

    sealed record SubmissionRow
    {
        public string Uid { get; init; } = "";
        public string Run { get; init; } = "";
        public string At { get; init; } = "";
        public string Board { get; init; } = "";
        public double? PublicScore { get; init; }
        public double? PrivateScore { get; init; }
        public string? Note { get; init; }

        public SubmissionRecord ToRecord() => new()
        {
            Uid = Uid,
            Run = Run,
            At = DateTimeOffset.ParseExact(At, SubmissionRecord.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Board = Board,
            PublicScore = PublicScore,
            PrivateScore = PrivateScore,
            Note = Note,
        };
    }
}
