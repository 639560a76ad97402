namespace RerankLab.Core.Hub;

/// <summary>
/// A pulled model as a folder of files of its own, without links into the cache, so that it can be copied anywhere. The graph and its
/// weights share the disk space of the cache where the file system allows (hard links); what people edit, JSON and texts, is copied.
/// </summary>
public static class PlainFolder
{
    /// <summary>Puts the files into a folder, which may have others; what is there already is left.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder, made where it is not there.</param>
    /// <exception cref="UserError">Another file stands where one of the model's belongs: nothing was written.</exception>
    public static void Write(PulledModel model, string folder)
    {
        var files = model.Files.Select(f => (From: RealFile.Of(Path.Combine([model.Folder, .. f.Path.Split('/')])),
            To: new FileInfo(Path.Combine([folder, .. f.Path.Split('/')])))).ToList();
        var others = files.Where(f => f.To.Exists && !AreEqual(f.From, f.To)).ToList();
        if (others.Count > 0)
            throw new UserError([.. others.Select(f => new Problem(Path.GetRelativePath(Environment.CurrentDirectory, f.To.FullName), null,
                    $"stands here and is not the file of {model.Model}; nothing was written"))],
                "name another folder, or remove what stands there");

        foreach (var (from, to) in files.Where(f => !f.To.Exists))
        {
            to.Directory!.Create();
            bool isEdited = to.Extension is ".json" or ".txt";
            if (isEdited || !HardLink.TryCreate(from.FullName, to.FullName)) Copy(from.FullName, to.FullName);
        }
    }

    static bool AreEqual(FileInfo a, FileInfo b)
    {
        if (a.Length != b.Length) return false;
        var (bufferA, bufferB) = (new byte[1 << 16], new byte[1 << 16]);
        using var streamA = a.OpenRead();
        using var streamB = b.OpenRead();
        for (int read; (read = streamA.ReadAtLeast(bufferA, bufferA.Length, throwOnEndOfStream: false)) > 0;)
        {
            streamB.ReadExactly(bufferB, 0, read);
            if (!bufferA.AsSpan(0, read).SequenceEqual(bufferB.AsSpan(0, read))) return false;
        }
        return true;
    }

    /// <summary>Whole or not at all.</summary>
    static void Copy(string from, string to)
    {
        var temporary = $"{to}.{Environment.ProcessId}.tmp";
        File.Copy(from, temporary, overwrite: true);
        File.Move(temporary, to);
    }
}
