namespace RerankLab.Store;

/// <summary>Who else has a file open.</summary>
static class OtherProcesses
{
    /// <summary>
    /// The number and the command line of each other process of this user that has the file open, as far as Linux tells; empty
    /// elsewhere.
    /// </summary>
    public static IReadOnlyList<string> WithOpen(string fullPath)
    {
        if (!OperatingSystem.IsLinux()) return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Where(p => int.TryParse(Path.GetFileName(p), out int id) && id != Environment.ProcessId && HasOpen(p, fullPath))
            .Select(p => $"process {Path.GetFileName(p)}: {CommandLine(p)}")];
    }

    static bool HasOpen(string process, string fullPath)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(f => File.ResolveLinkTarget(f, false)?.FullName == fullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or gone by now.
            return false;
        }
    }

    static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).TrimEnd('\0').Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "ended";
        }
    }
}
