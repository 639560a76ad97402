using System.Text.Json.Nodes;
using RerankLab.Core;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Cli.Output;

/// <summary>The outcome of <c>rlab model inspect</c>.</summary>
static class ModelSummary
{
    public static void Write(ModelReport report, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            Listing.WriteJson(Json(report));
            return;
        }
        var listing = new Listing("key", "value");
        foreach (var (key, value) in Facts(report)) listing.Add(key, value);
        if (format == OutputFormat.Tsv)
            foreach (var finding in report.Findings)
                listing.Add(FindingsSummary.NameOf(finding.Severity),
                    finding.Found + (finding.Remedy is null ? "" : $"; remedy: {finding.Remedy}"));
        listing.Write(format);
        if (format == OutputFormat.Table) FindingsSummary.WriteLines(report.Findings);
    }

    static IEnumerable<(string Key, object? Value)> Facts(ModelReport report)
    {
        foreach (var (key, value) in Common(report)) yield return (key, value);
        foreach (var input in report.Graph?.Inputs ?? []) yield return ($"input {input.Name}", Describe(input));
        foreach (var output in report.Graph?.Outputs ?? [])
            yield return ($"output {output.Name}",
                Describe(output) + (output.Name == report.Signature?.Output ? ", taken as the logit" : ""));
        foreach (var file in report.DataFiles) yield return ($"data {file.Name}", file.Bytes is { } bytes ? $"{bytes}" : "missing");
    }

    /// <summary>What is one value each.</summary>
    static IEnumerable<(string Key, object? Value)> Common(ModelReport report)
    {
        var (spec, graph, tokenizer, model) = (report.Spec, report.Graph, report.Tokenizer, report.Model);
        yield return ("model", spec.Model.Shown);
        yield return ("model_type", report.Config?.ModelType);
        yield return ("architecture", report.Config?.Architecture);
        yield return ("precision", spec.Precision);
        yield return ("precisions", string.Join(',', report.Precisions));
        yield return ("graph", report.GraphFile?.Name);
        yield return ("bytes", report.GraphFile is null ? null : report.WeightBytes);
        yield return ("opset", graph?.Opset);
        yield return ("producer", graph?.Producer);
        yield return ("tokenizer", tokenizer?.Family);
        yield return ("vocabulary", tokenizer?.VocabularySize);
        yield return ("template", tokenizer?.Template.Text);
        yield return ("padding_id", report.PaddingId);
        yield return ("truncation", spec.Truncation.Name());
        yield return ("truncation_side", tokenizer is null ? null : tokenizer.TruncatesLeft ? "left" : "right");
        yield return ("max_length", spec.MaxLength ?? report.Limit?.Tokens);
        yield return ("limit", report.Limit?.Tokens);
        yield return ("limit_source", report.Limit?.Source);
        yield return ("approximate", graph is null ? null : graph.IsDynamicallyQuantised ? "yes" : "no");
        yield return ("fingerprint", model?.Identity.Fingerprint);
    }

    static JsonObject Json(ModelReport report)
    {
        var json = new JsonObject(Common(report).Select(f => KeyValuePair.Create(f.Key, Listing.Node(f.Value))));
        json["precisions"] = new JsonArray([.. report.Precisions.Select(p => JsonValue.Create(p))]);
        json["approximate"] = report.Graph?.IsDynamicallyQuantised;
        json["inputs"] = new JsonArray([.. report.Graph?.Inputs.Select(Json) ?? []]);
        json["outputs"] = new JsonArray([.. report.Graph?.Outputs.Select(Json) ?? []]);
        json["output"] = report.Signature?.Output;
        json["data"] = new JsonArray([.. report.DataFiles.Select(f => new JsonObject { ["name"] = f.Name, ["bytes"] = f.Bytes })]);
        json["problems"] = Json(report.Findings, Severity.Problem);
        json["warnings"] = Json(report.Findings, Severity.Warning);
        return json;
    }

    static JsonObject Json(OnnxGraphValue value) => new()
    {
        ["name"] = value.Name,
        ["type"] = value.Type,
        ["shape"] = value.Shape is null ? null : new JsonArray([.. value.Shape.Select(d => JsonValue.Create(d))]),
    };

    static JsonArray Json(IEnumerable<Finding> findings, Severity severity) => new([.. findings.Where(f => f.Severity == severity)
        .Select(f => new JsonObject { ["found"] = f.Found, ["remedy"] = f.Remedy })]);

    static string Describe(OnnxGraphValue value) => value.Shape is null ? value.Type : $"{value.Type} [{string.Join(", ", value.Shape)}]";
}
