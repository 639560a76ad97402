using System.IO.Compression;

namespace RerankLab.Cli.Tests;

/// <summary>Texts that cannot be read where they stand, and are too many for memory.</summary>
public sealed class TextSpoolTests : IDisposable
{
    readonly Rlab _rlab = new();

    public TextSpoolTests()
    {
        // 40 MB of text, of which little is left when compressed.
        using (var file = new StreamWriter(new GZipStream(File.Create(_rlab["c.jsonl.gz"]), CompressionLevel.Fastest)))
            for (int q = 0; q < 40; q++)
                file.WriteLine($$"""{"id": "q{{q}}", "query": "query {{q}}", "passages": [{"id": "d", "text": "{{new string('x', 1 << 20)}}"}]}""");
        _rlab.Write("e.yaml", "name: e", "dataset: { candidates: c.jsonl.gz }", "scorer: { model: absent }");
    }

    public void Dispose() => _rlab.Dispose();

    [Fact]
    public async Task They_go_to_the_temporary_folder_and_nothing_is_left_there()
    {
        Directory.CreateDirectory(_rlab["temporary"]);
        _rlab.Variables["TMPDIR"] = _rlab["temporary"];
        // The data are read, and only then is the model missed.
        Assert.Contains("model", await _rlab.Fail("run", "e.yaml"));
        Assert.Empty(Directory.GetFiles(_rlab["temporary"], "rlab-*"));
    }

    [Fact]
    public async Task A_temporary_folder_that_cannot_be_written_is_told_with_what_to_do()
    {
        _rlab.Variables["TMPDIR"] = _rlab["nowhere"];
        var error = await _rlab.Fail("run", "e.yaml");
        Assert.Contains($"writing it in {_rlab["nowhere"]}", error);
        Assert.Contains("hint: set TMPDIR to a folder with more room", error);
    }
}
