namespace RerankLab.Core.Diagnosis;

/// <summary>Sizes for people.</summary>
public static class ByteSize
{
    public const long MiB = 1L << 20, GiB = 1L << 30;

    /// <summary><c>512 B</c>, <c>1.5 KiB</c>, <c>43.4 MiB</c>, <c>7.6 GiB</c>.</summary>
    public static string Shown(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < MiB => $"{bytes / 1024.0:0.0} KiB",
        < GiB => $"{bytes / (double)MiB:0.0} MiB",
        _ => $"{bytes / (double)GiB:0.0} GiB",
    };
}
