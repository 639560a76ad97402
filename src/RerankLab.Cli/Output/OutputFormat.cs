using RerankLab.Core;

namespace RerankLab.Cli.Output;

/// <summary>How data is written to stdout.</summary>
enum OutputFormat
{
    Table,
    Tsv,
    Json,

    /// <summary>A table for a README, of results only.</summary>
    Markdown,

    /// <summary>A table for a paper, of results only.</summary>
    Latex,
}

static class OutputFormats
{
    public const string Description = "table (default on a terminal), tsv (default elsewhere) or json";
    public const string ResultsDescription = "table (default on a terminal), tsv (default elsewhere), json, md or latex";

    /// <summary>The format of a listing.</summary>
    /// <exception cref="UserError">There is no such format.</exception>
    public static OutputFormat Parse(string? text) => text switch
    {
        null => Console.IsOutputRedirected ? OutputFormat.Tsv : OutputFormat.Table,
        "table" => OutputFormat.Table,
        "tsv" => OutputFormat.Tsv,
        "json" => OutputFormat.Json,
        _ => throw new UserError($"--format: expected table, tsv or json, found '{text}'"),
    };

    /// <summary>The format of a table of results.</summary>
    /// <exception cref="UserError">There is no such format.</exception>
    public static OutputFormat ParseOfResults(string? text) => text switch
    {
        "md" => OutputFormat.Markdown,
        "latex" => OutputFormat.Latex,
        null or "table" or "tsv" or "json" => Parse(text),
        _ => throw new UserError($"--format: expected table, tsv, json, md or latex, found '{text}'"),
    };
}
