using System.Text;

namespace RerankLab.Core.Exporting;

/// <summary>TREC run lines with raw scores, so that they read back as they were.</summary>
static class TrecExport
{
    public static void Write(ExportedRun run, Stream to)
    {
        var tag = WithoutSpaces(run.Name) ? run.Name : string.Join('-', run.Name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        // All ids first: where one does not fit, nothing is written.
        foreach (var (query, documents) in run.Rankings)
        {
            CheckField(query);
            foreach (var document in documents) CheckField(document.Id);
        }
        using var writer = new StreamWriter(to, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var (query, documents) in run.Rankings)
            for (int rank = 0; rank < documents.Count; rank++)
                writer.WriteLine($"{query} Q0 {documents[rank].Id} {rank + 1} {run.Raw(documents[rank].Score)} {tag}");
    }

    static void CheckField(string id)
    {
        if (!WithoutSpaces(id))
            throw new UserError($"the id '{id}' holds white space, which TREC's format cannot carry", "use --format jsonl or csv");
    }

    static bool WithoutSpaces(string text) => text.Length > 0 && !text.Any(char.IsWhiteSpace);
}
