using RerankLab.Core;

namespace RerankLab.Store.Tests;

public sealed class LabFileCheckTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    List<Finding> Check(string name = "lab.db") => [.. LabFileCheck.Of(_folder[name])];

    [Fact]
    public void A_good_lab_file_is_told_with_what_it_holds_and_left_as_it_is()
    {
        var path = Labs.Make(_folder, scores: 1234);
        var before = File.ReadAllBytes(path);
        var finding = Assert.Single(Check());
        Assert.Equal(Severity.Ok, finding.Severity);
        Assert.Matches(@"lab\.db: [0-9.]+ KiB, schema [0-9]+, 1234 scores, 0 runs; quick_check ok$", finding.Found);
        Assert.Equal(before, File.ReadAllBytes(path));
        Labs.AssertOneClosedFile(path);
    }

    [Fact]
    public void No_lab_file_is_no_problem_and_none_is_made()
    {
        var finding = Assert.Single(Check());
        Assert.Equal((Severity.Ok, $"there is no {_folder["lab.db"]} yet: rlab run makes it"),
            (finding.Severity, finding.Found));
        Assert.Empty(Labs.FilesOf(_folder["lab.db"]));
    }

    [Fact]
    public void A_log_that_a_killed_writer_left_is_a_warning_to_copy_both()
    {
        // As a kill leaves it: the files of a writer that has not closed them.
        using (var lab = Labs.Write(_folder["writing.db"]))
        using (var writer = new ScoreCache(lab).BeginSession(Some.Scorer(), Some.Backend))
        {
            writer.Add(7, Some.Pair(1), 1, 1);
            writer.Dispose();
            foreach (var suffix in new[] { "", "-wal" })
                File.Copy(_folder["writing.db" + suffix], _folder["lab.db" + suffix]);
        }
        var findings = Check();
        Assert.Equal([Severity.Warning, Severity.Ok], findings.Select(f => f.Severity));
        Assert.StartsWith("lab.db-wal (", findings[0].Found);
        Assert.Contains("lab.db* together", findings[0].Remedy);
        Assert.Contains(" 1 scores,", findings[1].Found);
    }

    [Fact]
    public void A_damaged_lab_file_is_a_problem_with_the_way_to_recover_it()
    {
        var path = Labs.Make(_folder, scores: 5000);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length / 2).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        var finding = Assert.Single(Check());
        Assert.Equal(Severity.Problem, finding.Severity);
        Assert.Contains("the lab file is damaged", finding.Found);
        Assert.Contains(".recover", finding.Remedy);
    }

    [Fact]
    public void What_is_no_lab_file_is_a_problem()
    {
        _folder.Write("lab.db", "name: gte-512\n" + new string(' ', 5000));
        Assert.Equal((Severity.Problem, $"{_folder["lab.db"]}: this is not a lab file of rlab"),
            (Check()[0].Severity, Check()[0].Found));
        Directory.CreateDirectory(_folder["folder.db"]);
        Assert.EndsWith("folder.db is a folder", Assert.Single(Check("folder.db")).Found);
    }

    [Fact]
    public void A_lab_file_of_an_older_schema_is_told_and_left_as_it_is()
    {
        var path = _folder["lab.db"];
        File.Copy(Path.Combine(Repository.Root, "tests", "RerankLab.Store.Tests", "Released", "schema-1.db"), path);
        var before = File.ReadAllBytes(path);
        var finding = Assert.Single(Check());
        Assert.Equal((Severity.Warning, $"{path}: this lab file is of an older schema"), (finding.Severity, finding.Found));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }
}
