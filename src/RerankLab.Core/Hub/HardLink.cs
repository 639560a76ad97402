using System.Runtime.InteropServices;

namespace RerankLab.Core.Hub;

/// <summary>A second name of a file: .NET 10 has no call for it.</summary>
static class HardLink
{
    /// <summary>False where it cannot be: another disk, a file system without hard links, or the name is taken.</summary>
    public static bool TryCreate(string file, string name) =>
        OperatingSystem.IsWindows() ? CreateHardLink(name, file, 0) : Link(file, name) == 0;

    [DllImport("libc", EntryPoint = "link")]
    static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("kernel32", EntryPoint = "CreateHardLinkW", CharSet = CharSet.Unicode)]
    [return: MarshalAs(UnmanagedType.Bool)]
    static extern bool CreateHardLink(string name, string file, nint security);
}
