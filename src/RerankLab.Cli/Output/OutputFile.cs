namespace RerankLab.Cli.Output;

/// <summary>Where an export goes.</summary>
static class OutputFile
{
    /// <summary>Writes stdout, or a file that is there whole or not at all.</summary>
    /// <param name="path">The file; null for stdout.</param>
    /// <param name="write">Writes it.</param>
    public static T Write<T>(string? path, Func<Stream, T> write)
    {
        if (path is null)
        {
            using var stdout = Console.OpenStandardOutput();
            using var buffered = new BufferedStream(stdout, 1 << 16);
            return write(buffered);
        }
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            T result;
            using (var file = File.Create(temporary)) result = write(file);
            File.Move(temporary, path, overwrite: true);
            return result;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
