using Cocona;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Hub;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx;

namespace RerankLab.Cli;

/// <summary>How a model folder is used, for commands that take one without an experiment.</summary>
sealed class ModelParameters : ICommandParameterSet
{
    [Option("precision", Description = "which of the folder's graphs: fp32, fp16, int8, …; else fp32, or what there is", ValueName = "P")]
    [HasDefaultValue]
    public string? Precision { get; set; }

    [Option("max-length", Description = "tokens a pair, special ones included; else the model's own limit", ValueName = "N")]
    [HasDefaultValue]
    public int? MaxLength { get; set; }

    [Option("truncation", Description = "longest_first (default) or only_second", ValueName = "R")]
    [HasDefaultValue]
    public string? Truncation { get; set; }

    public bool AreGiven => (Precision, MaxLength, Truncation) is not (null, null, null);

    /// <exception cref="UserError">A value cannot be.</exception>
    public ScorerSpec SpecOf(string model)
    {
        var rule = LengthOptions.Parse(MaxLength, Truncation);
        var reference = ModelReference.Find(DataFile.FromCommandLine(model), model);
        var precision = Precision ?? OnnxModelFolder.UsualPrecision(reference.Folder.FullPath);
        return new ScorerSpec(reference.Folder, precision, MaxLength, rule, Fingerprint: null) { HubModel = reference.Model };
    }
}
