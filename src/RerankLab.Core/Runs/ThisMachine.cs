using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using RerankLab.Core.Diagnosis;

namespace RerankLab.Core.Runs;

/// <summary>Provenance that this machine can tell. No host or user names: lab files are passed on.</summary>
public static class ThisMachine
{
    /// <summary>rlab's own version.</summary>
    public static string RlabVersion { get; } =
        typeof(ThisMachine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Versions, operating system, processor and, where there are any, GPUs.</summary>
    public static IReadOnlyDictionary<string, string> Describe()
    {
        var facts = new Dictionary<string, string>
        {
            ["rlab"] = RlabVersion,
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = RuntimeInformation.OSDescription.Trim(),
            ["architecture"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            ["processor"] = Processor(),
            ["cores"] = $"{Environment.ProcessorCount}",
        };
        var nvidia = NvidiaDriver.Read();
        if (nvidia.Gpus.Count > 0) facts["gpus"] = string.Join(", ", nvidia.Gpus.Select(g => g.Name));
        if (nvidia.Version is { } driver) facts["nvidia driver"] = driver;
        return facts;
    }

    /// <summary>Provenance of a run whose experiment lies in <paramref name="folder"/>.</summary>
    public static Provenance ProvenanceOf(string folder)
    {
        var commit = Git(folder, "rev-parse", "HEAD");
        var changes = commit is null ? null : Git(folder, "status", "--porcelain", "--untracked-files=no");
        return new Provenance(Describe(), commit, changes is null ? null : changes.Length > 0);
    }

    static string Processor()
    {
        const string file = "/proc/cpuinfo", key = "model name";
        return File.Exists(file) && File.ReadLines(file).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
    }

    /// <summary>What git prints; null without git or outside a repository.</summary>
    static string? Git(string folder, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("git", ["-C", folder, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
