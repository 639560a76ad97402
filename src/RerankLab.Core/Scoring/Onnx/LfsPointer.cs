namespace RerankLab.Core.Scoring.Onnx;

/// <summary>
/// A text file that stands where Git LFS puts a big one: what a clone without git-lfs brings instead of weights
/// (Git LFS specification, version 1).
/// </summary>
static class LfsPointer
{
    const int LongestPointer = 1024;

    static ReadOnlySpan<byte> Start => "version https://git-lfs.github.com/spec/"u8;

    public static bool Is(string path)
    {
        var file = RealFile.Of(path);
        if (!file.Exists || file.Length > LongestPointer || file.Length < Start.Length) return false;
        var head = new byte[Start.Length];
        using var stream = file.OpenRead();
        stream.ReadExactly(head);
        return Start.SequenceEqual(head);
    }
}
