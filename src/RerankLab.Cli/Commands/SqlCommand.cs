using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class SqlCommand
{
    [Command("sql", Description =
        "Ask the lab file in SQL: its views leaderboard, runs, rankings, scores_by_pair, and its tables; read-only.")]
    public void Sql(
        [Argument(Description = "one statement, e.g. \"select * from leaderboard\"", Name = "SELECT")] string sql,
        CommonParameters common,
        [Option("format", Description = SqlRows.FormatDescription)] string? format = null)
    {
        var write = SqlRows.Writer(format);
        using var lab = LabFile.OpenForReading(common.LabPath(), Talk.Note);
        using var query = new SqlQuery(lab, sql);
        write(query.Columns, query.Rows());
    }
}
