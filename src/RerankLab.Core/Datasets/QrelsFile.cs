namespace RerankLab.Core.Datasets;

/// <summary>
/// Reads judgements: TREC qrels (<c>query iteration document label</c>) or BEIR's TSV (<c>query-id corpus-id score</c>
/// with a header). Which of the two is told by the first line. Lines that begin with # are comments, as for trec_eval
/// 10.
/// </summary>
public static class QrelsFile
{
    /// <summary>Reads a file of judgements; everything wrong with it goes to the problems.</summary>
    public static Qrels Read(DataFile file, Problems problems)
    {
        var qrels = new Qrels();
        using var lines = Utf8Lines.Open(file, problems);
        if (lines is null) return qrels;

        bool? isBeir = null;
        Span<Range> fields = stackalloc Range[4];
        while (lines.Read(out var line))
        {
            if (Fields.IsBlank(line) || Fields.IsComment(line)) continue;
            int count = Fields.SplitAtWhitespace(line, fields);
            bool isFirst = isBeir is null;
            isBeir ??= count == 3 && line.Contains((byte)'\t');
            int expected = isBeir.Value ? 3 : 4;
            if (count != expected)
            {
                problems.Add(file.Shown, lines.Number, $"expected {expected} fields, found {count}");
                continue;
            }
            var labelField = line[fields[expected - 1]];
            if (!Fields.TryInteger(labelField, out int label))
            {
                if (isFirst && isBeir.Value && IsHeader(line[fields[0]])) continue;
                problems.Add(file.Shown, lines.Number,
                    $"expected an integer label (field {expected}), found '{Fields.Text(labelField)}'");
                continue;
            }
            var query = Fields.Text(line[fields[0]]);
            var document = line[fields[expected - 2]];
            if (!qrels.Add(query, document, label))
                problems.Add(file.Shown, lines.Number, $"document '{Fields.Text(document)}' is judged twice under query '{query}'");
        }
        if (lines.Number == 0) problems.Add(file.Shown, null, "the file is empty; expected qrels");
        return qrels;
    }

    /// <summary>BEIR's own name of the first column, and those that its copies have.</summary>
    static bool IsHeader(ReadOnlySpan<byte> firstField) => Fields.Text(firstField) is "query-id" or "query_id" or "qid" or "query";
}
