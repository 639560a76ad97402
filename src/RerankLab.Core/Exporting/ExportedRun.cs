using System.Text.Encodings.Web;
using System.Text.Json;
using RerankLab.Core.Ranking;

namespace RerankLab.Core.Exporting;

/// <summary>A run as it is written to files.</summary>
/// <param name="Name">The run's name.</param>
/// <param name="Activation">What is done to logits where a format shows scores.</param>
/// <param name="ScoresAreLogits">False for an imported run, whose scores are doubles.</param>
/// <param name="Rankings">By query, best first, with logits or imported scores.</param>
/// <param name="QueryText">Finds a query's text by its ordinal; throws a <see cref="UserError"/> where it is not at hand.</param>
public sealed record ExportedRun(string Name, Activation Activation, bool ScoresAreLogits, IReadOnlyList<RankedList> Rankings,
    Func<int, string> QueryText)
{
    /// <summary>A raw score in the fewest digits that read back as the same float32, or for an imported run as the same double.</summary>
    internal string Raw(double score) => ScoresAreLogits ? $"{(float)score}" : $"{score}";

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
