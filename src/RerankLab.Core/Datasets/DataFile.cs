namespace RerankLab.Core.Datasets;

/// <summary>A file of the user's: its name as it is shown in messages, and where it lies.</summary>
public sealed record DataFile(string Shown, string FullPath)
{
    /// <summary>A file named on the command line, relative to the current directory.</summary>
    public static DataFile FromCommandLine(string path) => new(path, Path.GetFullPath(path));

    public bool Exists => File.Exists(FullPath);

    /// <summary>Why opening this file failed, in a sentence for the user.</summary>
    public string WhyUnreadable(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"file not found ({FullPath})",
        UnauthorizedAccessException when Directory.Exists(FullPath) => "expected a file, found a folder",
        UnauthorizedAccessException => "no permission to read this file",
        _ => e.Message,
    };
}
