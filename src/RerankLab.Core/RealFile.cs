namespace RerankLab.Core;

/// <summary>
/// Files behind symbolic links, such as those of the hub's cache: <see cref="FileInfo"/> itself tells size and time of the link.
/// </summary>
public static class RealFile
{
    /// <summary>The file that a path leads to, be it there or not.</summary>
    public static FileInfo Of(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file : (FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!;
    }
}
