using System.Globalization;
using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Scoring;
using RerankLab.Core.Verification;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheVerifyCommand
{
    [Command("verify", Description = "Score a sample of cached pairs again on this machine and compare; changes nothing.")]
    public int Verify(
        [Argument(Description = "the experiment file", Name = "EXPERIMENT.yaml")] string experiment,
        CommonParameters common,
        [Option("sample", Description = "how many pairs (default 200), or all", ValueName = "N|all")] string? sample = null,
        [Option("tolerance", Description = "the largest difference of logits allowed; the default depends on the scorer's precision", ValueName = "X")]
            double? tolerance = null,
        [Option("seed", Description = "draws the sample (default 42)", ValueName = "N")] ulong seed = VerificationSpec.DefaultSeed,
        [Option("set", Description = "override a key of the experiment, e.g. run.device=cpu", ValueName = "KEY=VALUE")] string[]? overrides = null,
        [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        if (tolerance is < 0 or double.NaN or double.PositiveInfinity) throw new UserError($"--tolerance: expected 0 or more, found {tolerance}");
        var spec = new VerificationSpec(ParseSample(sample), tolerance, seed);
        using var read = Experiment.Read(DataFile.FromCommandLine(experiment), overrides ?? [], FileHashes.OfThisMachine(), new Stages());

        using var interruption = new Interruption();
        using var lab = LabFile.OpenForReading(common.LabPath(read.Spec), Talk.Note);
        var cache = new ScoreCache(lab);
        try
        {
            var report = Talk.WithProgress(observer => new CacheVerification(cache, cache, observer).Run(read, spec, interruption.Token));
            VerificationSummary.Write(report, output);
            return report.Passes ? 0 : ExitCodes.GateFailed;
        }
        catch (OperationCanceledException)
        {
            Talk.Note("stopped before the sample was scored: nothing is verified, and nothing was changed");
            return interruption.ExitCode;
        }
    }

    /// <summary>Null for all.</summary>
    static int? ParseSample(string? text) => text switch
    {
        null => VerificationSpec.DefaultSample,
        "all" => null,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 => size,
        _ => throw new UserError($"--sample: expected a number above 0 or all, found '{text}'"),
    };
}
