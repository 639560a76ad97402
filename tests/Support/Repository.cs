namespace RerankLab.Tests;

/// <summary>Where the tests find files.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Demo => Path.Combine(Root, "experiments", "demo");

    /// <summary>A path below the folder of real data and models beside the checkout; skips the test where it is absent.</summary>
    public static string Shared(params string[] path)
    {
        var full = Path.Combine([Root, "..", "shared", .. path]);
        Assert.SkipUnless(Path.Exists(full), $"needs real data that is not in the repository: ../shared/{string.Join('/', path)}");
        return Path.GetFullPath(full);
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RerankLab.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException("RerankLab.sln is above no folder of the tests");
    }
}
