namespace RerankLab.Core.Diagnosis;

/// <summary>Whether a folder can be written, and how much room its disk has.</summary>
public static class DiskSpace
{
    /// <summary>A million scores take some 60 MB, and the write-ahead log as much again.</summary>
    const long Little = ByteSize.GiB, TooLittle = 50 * ByteSize.MiB;

    /// <summary>The folder that holds the lab file, which must be there.</summary>
    /// <param name="labPath">The lab file as the user named it.</param>
    public static Finding OfLabFile(string labPath)
    {
        const string check = "disk (lab file)";
        var folder = Path.GetDirectoryName(Path.GetFullPath(labPath))!;
        if (!Directory.Exists(folder))
            return Finding.Problem(check, $"{labPath}: its folder does not exist", "make the folder, or name another lab file with --lab");
        if (WhyNotWritable(folder) is { } reason)
            return Finding.Problem(check, $"{folder} cannot be written: {reason}", "name a lab file where you may write with --lab");
        return Space(check, folder, "free some space, or name a lab file on another disk with --lab");
    }

    /// <summary>The folder of what rlab remembers on this machine, which is made when it is needed.</summary>
    public static Finding OfCache(string cacheFolder)
    {
        const string check = "disk (cache)";
        var folder = cacheFolder;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent) folder = parent;
        return WhyNotWritable(folder) is { } reason
            ? Finding.Warning(check, $"{cacheFolder} cannot be written: {reason}; hashes of big files are worked out again in every run",
                "name a folder where you may write with RLAB_CACHE")
            : Space(check, folder, "free some space, or name a folder on another disk with RLAB_CACHE");
    }

    static Finding Space(string check, string folder, string remedy)
    {
        if (FreeIn(folder) is not { } free) return Finding.Ok(check, $"{folder}; its system does not say how much is free");
        var found = $"{ByteSize.Shown(free)} free in {folder}";
        return free < TooLittle ? Finding.Problem(check, found, remedy)
            : free < Little ? Finding.Warning(check, found, remedy)
            : Finding.Ok(check, found);
    }

    static long? FreeIn(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    static string? WhyNotWritable(string folder)
    {
        try
        {
            var trial = Path.Combine(folder, $".rlab-doctor-{Environment.ProcessId}");
            using var _ = new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
