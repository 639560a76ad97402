namespace RerankLab.Cli.Output;

/// <summary>Numbers of bytes for people, in decimal units as the hub shows them.</summary>
static class Size
{
    public static string Shown(long bytes) => bytes switch
    {
        >= 1_000_000_000 => $"{bytes / 1e9:0.00} GB",
        >= 1_000_000 => $"{bytes / 1e6:0.0} MB",
        >= 1_000 => $"{bytes / 1e3:0.0} kB",
        _ => $"{bytes} bytes",
    };
}
