using System.Text.Json;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>One JSON object a query: its id and its ranked documents with rank, score (activation applied) and raw logit.</summary>
static class JsonLinesExport
{
    public static void Write(ExportedRun run, Stream to)
    {
        using var json = new Utf8JsonWriter(to, ExportedRun.Json);
        foreach (var (query, documents) in run.Rankings)
        {
            json.WriteStartObject();
            json.WriteString("query_id", query);
            json.WriteStartArray("ranked");
            for (int rank = 0; rank < documents.Count; rank++)
            {
                json.WriteStartObject();
                json.WriteString("id", documents[rank].Id);
                json.WriteNumber("rank", rank + 1);
                json.WriteNumber("score", run.Activation.Apply(documents[rank].Score));
                json.WritePropertyName("logit");
                json.WriteRawValue(run.Raw(documents[rank].Score));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            to.WriteByte((byte)'\n');
        }
    }
}
