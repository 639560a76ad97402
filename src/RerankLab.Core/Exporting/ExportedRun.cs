using System.Text.Encodings.Web;
using System.Text.Json;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>A run as it is written to files.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Activation">What is done to logits where a format shows scores.</param>
/// <param name="Rankings">By query, best first, with logits.</param>
/// <param name="QueryText">Finds a query's text by its ordinal; throws a <see cref="UserError"/> where it is not at hand.</param>
public sealed record ExportedRun(string Name, Activation Activation, IReadOnlyList<RankedList> Rankings, Func<int, string> QueryText)
{
    internal static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The formats by name.</summary>
    public static readonly IReadOnlyDictionary<string, Action<ExportedRun, Stream>> Formats = new Dictionary<string, Action<ExportedRun, Stream>>
    {
        ["trec"] = TrecExport.Write,
        ["submission"] = SubmissionExport.Write,
        ["jsonl"] = JsonLinesExport.Write,
        ["csv"] = CsvExport.Write,
    };
}
