using System.Text.Json.Nodes;

namespace RerankLab.Cli.Tests;

/// <summary>How a process of rlab ended, and what it wrote.</summary>
sealed record RlabResult(int ExitCode, string Out, string Error)
{
    /// <summary>stdout as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Out)!;

    /// <summary>stdout as lines of tab-separated fields, the header first.</summary>
    public List<string[]> Table => [.. Out.TrimEnd('\n').Split('\n').Select(l => l.Split('\t'))];

    /// <summary>stdout's rows by the names in its header.</summary>
    public List<Dictionary<string, string>> Rows =>
        [.. Table.Skip(1).Select(row => Table[0].Zip(row).ToDictionary(f => f.First, f => f.Second))];

    /// <summary>stdout's rows of a key and a value; of a key that stands twice the first.</summary>
    public Dictionary<string, string> Facts =>
        Table.Skip(1).DistinctBy(row => row[0]).ToDictionary(row => row[0], row => row[1]);

    public RlabResult MustExitWith(int code)
    {
        Assert.True(ExitCode == code, $"expected exit code {code}, found {ExitCode}\nstdout: {Out}\nstderr: {Error}");
        return this;
    }
}
