using Cocona;
using RerankLab.Core.Experiments;

namespace RerankLab.Cli;

/// <summary>What every command takes.</summary>
sealed class CommonParameters : ICommandParameterSet
{
    [Option("lab", Description = "the lab file; else RLAB_LAB, else lab: in the experiment, else lab.db", ValueName = "PATH")]
    [HasDefaultValue]
    public string? Lab { get; set; }

    [Option("verbose", Description = "show stack traces")]
    public bool Verbose { get; set; }

    /// <summary>The lab file meant, which an experiment may name too.</summary>
    public string LabPath(ExperimentSpec? experiment = null) =>
        Lab ?? (Environment.GetEnvironmentVariable("RLAB_LAB") is { Length: > 0 } path ? path : null) ?? experiment?.Lab ?? "lab.db";
}
