namespace RerankLab.Store;

/// <summary>
/// Whether a folder is on a file system that other machines have too. SQLite's WAL needs memory that all who use a file share, which
/// such file systems do not give (sqlite.org/wal.html).
/// </summary>
static class NetworkFileSystem
{
    /// <summary>Beside those that .NET calls network drives: FUSE's (sshfs, s3fs, rclone), shares of virtual machines and of WSL.</summary>
    static readonly string[] Others =
        ["fuse", "9p", "v9fs", "virtiofs", "prl_fs", "vboxsf", "lustre", "gpfs", "beegfs", "ceph", "glusterfs"];

    /// <summary>What says otherwise than rlab thinks: <c>local</c> or <c>network</c>.</summary>
    public const string Variable = "RLAB_FILE_SYSTEM";

    /// <summary>The file system's name; null for a local one, and where it cannot be told.</summary>
    public static string? Of(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return Environment.GetEnvironmentVariable(Variable) switch
            {
                "local" => null,
                "network" => drive.DriveFormat,
                _ => IsNetwork(drive.DriveType, drive.DriveFormat) ? drive.DriveFormat : null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    internal static bool IsNetwork(DriveType type, string format) =>
        type == DriveType.Network || Others.Any(o => format == o || format.StartsWith(o + ".", StringComparison.Ordinal));
}
