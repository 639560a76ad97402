using RerankLab.Core;

namespace RerankLab.Cli.Output;

/// <summary>How data is written to stdout.</summary>
enum OutputFormat
{
    Table,
    Tsv,
    Json,
}

static class OutputFormats
{
    public const string Description = "table (default on a terminal), tsv (default elsewhere) or json";

    /// <exception cref="UserError">There is no such format.</exception>
    public static OutputFormat Parse(string? text) => text switch
    {
        null => Console.IsOutputRedirected ? OutputFormat.Tsv : OutputFormat.Table,
        "table" => OutputFormat.Table,
        "tsv" => OutputFormat.Tsv,
        "json" => OutputFormat.Json,
        _ => throw new UserError($"--format: expected table, tsv or json, found '{text}'"),
    };
}
