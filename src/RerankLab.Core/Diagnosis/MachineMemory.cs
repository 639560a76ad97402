using System.Globalization;

namespace RerankLab.Core.Diagnosis;

/// <summary>Main memory that this process may use, in bytes; null where the system does not say.</summary>
/// <param name="Limit">All of it: the machine's, or less where a control group (a container) limits it.</param>
/// <param name="Available">What of it is free or can be freed.</param>
public sealed record MachineMemory(long Limit, long? Available)
{
    /// <summary>Below this much, loading a model is likely to end in the kernel killing the process.</summary>
    const long Little = ByteSize.GiB;

    /// <summary>A model's weights are in memory about twice while it is loaded: as read and as laid out.</summary>
    const int CopiesOfWeights = 2;

    /// <param name="root">The root of the file system.</param>
    public static MachineMemory Read(string root = "/")
    {
        // .NET knows the limits of control groups.
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long? available = Field(Text(root, "proc/meminfo"), "MemAvailable:") * 1024;
        const string group = "sys/fs/cgroup/memory";
        if (Number(Text(root, $"{group}.max")) is { } maximum && Number(Text(root, $"{group}.current")) is { } taken)
        {
            // File cache counts as taken, and can be freed.
            long cache = Field(Text(root, $"{group}.stat"), "inactive_file") ?? 0;
            available = Math.Min(available ?? maximum, maximum - taken + cache);
        }
        return new MachineMemory(limit, available);
    }

    /// <summary>Whether there is enough.</summary>
    /// <param name="weights">Bytes of the model's weights; 0 without a model.</param>
    public Finding Check(long weights)
    {
        const string check = "memory";
        var found = $"{ByteSize.Shown(Limit)}{(Available is { } free ? $", {ByteSize.Shown(free)} of it available" : "")}";
        if (weights > 0) found += $"; the model has {ByteSize.Shown(weights)} of weights";
        return Available < Math.Max(Little, CopiesOfWeights * weights)
            ? Finding.Warning(check, found + ": OOM (out of memory) is likely",
                "end other programs, give the container more memory, or take a smaller precision of the model (scorer.precision)")
            : Finding.Ok(check, found);
    }

    static string? Text(string root, string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number of a line <c>name number …</c>.</summary>
    static long? Field(string? text, string name) =>
        Number(text?.Split('\n').Select(l => l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields.Length > 1 && fields[0] == name)?[1]);

    /// <summary>Null for a text such as <c>max</c>.</summary>
    static long? Number(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
