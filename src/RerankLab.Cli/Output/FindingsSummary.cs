using RerankLab.Core;
using Spectre.Console;

namespace RerankLab.Cli.Output;

/// <summary>What checks found.</summary>
static class FindingsSummary
{
    public static void Write(IReadOnlyList<Finding> findings, OutputFormat format)
    {
        if (format == OutputFormat.Table)
        {
            WriteLines(findings);
            return;
        }
        var listing = new Listing("check", "status", "found", "remedy");
        foreach (var finding in findings) listing.Add(finding.Check, NameOf(finding.Severity), finding.Found, finding.Remedy);
        listing.Write(format);
    }

    /// <summary>Says on stderr how many problems there are, if any.</summary>
    /// <returns>The exit code.</returns>
    public static int Verdict(IReadOnlyList<Finding> findings, string meaning)
    {
        int problems = findings.Count(f => f.Severity == Severity.Problem);
        if (problems == 0) return 0;
        Talk.Error(new UserError($"{meaning}: {problems} {(problems == 1 ? "problem" : "problems")}"));
        return 1;
    }

    public static string NameOf(Severity severity) => severity.ToString().ToLowerInvariant();

    /// <summary>For people: a line each, the remedy below it.</summary>
    public static void WriteLines(IEnumerable<Finding> findings)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var finding in findings)
        {
            var colour = finding.Severity switch { Severity.Ok => "green", Severity.Warning => "yellow", _ => "red" };
            grid.AddRow($"[{colour}]{NameOf(finding.Severity)}[/]", Markup.Escape(finding.Check),
                Markup.Escape(finding.Found) + (finding.Remedy is null ? "" : $"\n[grey]remedy:[/] {Markup.Escape(finding.Remedy)}"));
        }
        Terminal.Out.Write(grid);
    }
}
