using System.Text;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>CSV (RFC 4180) with a header: query, document, rank, score (activation applied), raw logit.</summary>
static class CsvExport
{
    public static void Write(ExportedRun run, Stream to)
    {
        using var writer = new StreamWriter(to, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        writer.WriteLine("query,document,rank,score,logit");
        foreach (var (query, documents) in run.Rankings)
            for (int rank = 0; rank < documents.Count; rank++)
            {
                var (id, score) = documents[rank];
                writer.WriteLine($"{Field(query)},{Field(id)},{rank + 1},{run.Activation.Apply(score)},{run.Raw(score)}");
            }
    }

    internal static string Field(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
