namespace RerankLab.Core.Datasets;

/// <summary>A file or folder of the user's.</summary>
/// <param name="Shown">Its name in messages.</param>
/// <param name="FullPath">Where it lies.</param>
/// <param name="NamedAt">The line of the experiment file that names it, and under which key; null on the command line.</param>
public sealed record DataFile(string Shown, string FullPath, (string File, long? Line, string Key)? NamedAt = null)
{
    /// <summary>A file named on the command line, relative to the current directory; <c>-</c> is standard input.</summary>
    public static DataFile FromCommandLine(string path) => path == "-" ? new("standard input", path) : new(path, Path.GetFullPath(path));

    /// <summary>Opens it for reading from start to end.</summary>
    public Stream OpenRead() => FullPath == "-"
        ? Console.OpenStandardInput()
        : new FileStream(FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16,
            FileOptions.SequentialScan);

    public bool Exists => File.Exists(FullPath);

    /// <summary>Adds why opening this file failed; a missing file is reported where it was named.</summary>
    public void ReportUnreadable(Exception e, Problems problems)
    {
        if (e is FileNotFoundException or DirectoryNotFoundException)
            problems.Add(NamedAt?.File ?? Shown, NamedAt?.Line, NamedAt is { } at ? $"{at.Key}: file not found: {Shown}" : "file not found");
        else
            problems.Add(Shown, null, e switch
            {
                UnauthorizedAccessException when Directory.Exists(FullPath) => "expected a file, found a folder",
                UnauthorizedAccessException => "no permission to read this file",
                _ => e.Message,
            });
    }
}
