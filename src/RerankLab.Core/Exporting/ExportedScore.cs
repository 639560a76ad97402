using System.Text;
using System.Text.Json;
using RerankLab.Core.Keys;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>A cached score as it is written to files.</summary>
/// <param name="Scorer">The scorer's fingerprint.</param>
/// <param name="Query">The query key.</param>
/// <param name="Pair">The pair key.</param>
/// <param name="Logit">The score as it is kept.</param>
/// <param name="Tokens">The pair's length before truncation; 0: not known.</param>
/// <param name="Session">The session's id.</param>
/// <param name="Ids">Query and document id, where an experiment gives them.</param>
public sealed record ExportedScore(
    string Scorer, long Query, PairKey Pair, float Logit, int Tokens, string Session, (string Query, string Document)? Ids);

/// <summary>Writes cached scores; each writer gives how many scores it wrote.</summary>
public static class ScoreExport
{
    /// <summary>CSV (RFC 4180) with a header; logits in the fewest digits that read back as the same float32.</summary>
    public static int WriteCsv(IEnumerable<ExportedScore> scores, bool withIds, Stream to)
    {
        using var writer = new StreamWriter(to, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        writer.WriteLine("scorer,query,pair,logit,tokens,session" + (withIds ? ",query_id,document_id" : ""));
        int count = 0;
        foreach (var s in scores)
        {
            writer.Write($"{s.Scorer},{s.Query},{s.Pair},{s.Logit},{s.Tokens},{s.Session}");
            writer.WriteLine(s.Ids is { } ids ? $",{CsvExport.Field(ids.Query)},{CsvExport.Field(ids.Document)}" : "");
            count++;
        }
        return count;
    }

    /// <summary>One JSON object a score.</summary>
    public static int WriteJsonLines(IEnumerable<ExportedScore> scores, Stream to)
    {
        using var json = new Utf8JsonWriter(to, ExportedRun.Json);
        int count = 0;
        foreach (var s in scores)
        {
            json.WriteStartObject();
            json.WriteString("scorer", s.Scorer);
            json.WriteNumber("query", s.Query);
            json.WriteString("pair", s.Pair.ToString());
            json.WriteNumber("logit", s.Logit);
            json.WriteNumber("tokens", s.Tokens);
            json.WriteString("session", s.Session);
            if (s.Ids is { } ids)
            {
                json.WriteString("query_id", ids.Query);
                json.WriteString("document_id", ids.Document);
            }
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            to.WriteByte((byte)'\n');
            count++;
        }
        return count;
    }

    /// <summary>
    /// One JSON object, <c>{"pair": score}</c>, as the scripts' own caches: with the activation rounded to float32, as PyTorch gives it.
    /// Of a pair key that two pairs have, the first is written.
    /// </summary>
    public static int WriteScriptCache(IEnumerable<ExportedScore> scores, Activation activation, Stream to)
    {
        using var json = new Utf8JsonWriter(to, ExportedRun.Json);
        var written = new HashSet<PairKey>();
        json.WriteStartObject();
        foreach (var s in scores)
        {
            if (!written.Add(s.Pair)) continue;
            json.WriteNumber(s.Pair.ToString(), (double)(float)activation.Apply(s.Logit));
            if (json.BytesPending > 1 << 16) json.Flush();
        }
        json.WriteEndObject();
        json.Flush();
        to.WriteByte((byte)'\n');
        return written.Count;
    }
}
