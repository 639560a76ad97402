using System.Text.RegularExpressions;

namespace RerankLab.Core.Diagnosis;

/// <summary>Which file systems are mounted where: <c>/proc/self/mountinfo</c> of Linux (proc_pid_mountinfo(5)).</summary>
public sealed partial class MountTable
{
    /// <summary>File systems whose files lie on another machine, with and without <c>fuse.</c> before their name.</summary>
    static readonly HashSet<string> NetworkTypes =
    [
        "9p", "afs", "beegfs", "ceph", "cifs", "cvmfs", "davfs", "fhgfs", "gcsfuse", "glusterfs", "goofys", "gpfs", "juicefs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "rclone", "s3fs", "smb3", "smbfs", "sshfs", "vboxsf", "vmhgfs",
    ];

    readonly List<(string Point, string Type)> _mounts;

    MountTable(List<(string, string)> mounts) => _mounts = mounts;

    /// <summary>The table of this process; empty where the system has none.</summary>
    public static MountTable Read()
    {
        const string file = "/proc/self/mountinfo";
        return Parse(File.Exists(file) ? File.ReadAllText(file) : "");
    }

    public static MountTable Parse(string text)
    {
        var mounts = new List<(string, string)>();
        foreach (var line in text.Split('\n'))
        {
            // id parent major:minor root point options… - type source …
            var (fields, separator) = (line.Split(' '), line.IndexOf(" - ", StringComparison.Ordinal));
            if (fields.Length > 4 && separator > 0) mounts.Add((Unescape(fields[4]), line[(separator + 3)..].Split(' ')[0]));
        }
        return new MountTable(mounts);
    }

    /// <summary>The type of the file system that holds a path; null where the table does not say.</summary>
    public string? TypeOf(string fullPath)
    {
        // Of several mounts at one point, the last hides the others.
        (string Point, string Type)? best = null;
        foreach (var mount in _mounts)
            if (Holds(mount.Point, fullPath) && mount.Point.Length >= (best?.Point.Length ?? 0)) best = mount;
        return best?.Type;
    }

    /// <summary>Whether a file system's files lie on another machine.</summary>
    public static bool IsNetwork(string type) =>
        NetworkTypes.Contains(type.StartsWith("fuse.", StringComparison.Ordinal) ? type["fuse.".Length..] : type);

    static bool Holds(string point, string path) => point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);

    /// <summary>Spaces and the like stand as octal numbers.</summary>
    static string Unescape(string text) => Octal().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
