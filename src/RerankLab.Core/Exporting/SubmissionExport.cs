using System.Text.Json;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>
/// The submission form of ranking competitions: a JSON array of <c>{"query": …, "ranked_passages": [{"id": …, "score": …}]}</c>,
/// best first, with the activation applied.
/// </summary>
static class SubmissionExport
{
    public static void Write(ExportedRun run, Stream to)
    {
        // All texts first: where one is not at hand, nothing is written.
        var texts = Enumerable.Range(0, run.Rankings.Count).Select(run.QueryText).ToList();
        using var json = new Utf8JsonWriter(to, ExportedRun.Json with { Indented = true, NewLine = "\n" });
        json.WriteStartArray();
        for (int q = 0; q < run.Rankings.Count; q++)
        {
            json.WriteStartObject();
            json.WriteString("query", texts[q]);
            json.WriteStartArray("ranked_passages");
            foreach (var document in run.Rankings[q].Documents)
            {
                json.WriteStartObject();
                json.WriteString("id", document.Id);
                json.WriteNumber("score", run.Activation.Apply(document.Score));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
        to.WriteByte((byte)'\n');
    }
}
