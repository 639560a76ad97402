using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;

namespace RerankLab.Core.Tests.Datasets;

public sealed class TextPoolTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Adds every line of a file.</summary>
    int[] AddLines(TextPool pool, DataFile file)
    {
        using var lines = Utf8Lines.Open(file, _problems)!;
        var (source, numbers) = (pool.SourceOf(lines), new List<int>());
        while (lines.Read(out var line)) numbers.Add(pool.Add(lines.Line.Text(line), source));
        return [.. numbers];
    }

    static List<string> RandomTexts(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 300).Select(_ => Ground.RandomText(random, random.Next(0, 20_000)))
            .Append(new string('x', 3 << 20)).Append("").Append("last").Select(t => t.Replace('\n', ' ').Replace('\r', ' '))];
    }

    static void AssertHolds(TextPool pool, IReadOnlyList<string> texts, int[] numbers, int seed)
    {
        Assert.Equal(texts, numbers.Select(n => pool[n]));
        Assert.Equal(texts.Select(t => t.Utf8().Length), numbers.Select(pool.Length));

        var (random, block) = (new Random(seed), new TextBlock());
        foreach (int count in new[] { 0, 1, 5, numbers.Length, 40 })
        {
            int[] some = [.. Enumerable.Range(0, count).Select(_ => random.Next(-1, numbers.Length))];
            pool.Read([.. some.Select(n => n < 0 ? TextPool.Absent : numbers[n])], block);
            for (int i = 0; i < count; i++)
                Assert.True(block[i].SequenceEqual((some[i] < 0 ? "" : texts[some[i]]).Utf8()), $"text {some[i]} of {count} read together");
        }
    }

    [Fact]
    public void Every_text_comes_back_as_it_was_added()
    {
        var texts = RandomTexts(3);
        using var pool = new TextPool();
        AssertHolds(pool, texts, [.. texts.Select(t => pool.Add(t.Utf8()))], seed: 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public void Texts_beyond_what_is_held_in_memory_come_back_from_a_file(int inMemory)
    {
        var texts = RandomTexts(5);
        using var pool = new TextPool(inMemory);
        var numbers = new List<int>();
        foreach (var text in texts)
        {
            numbers.Add(pool.Add(text.Utf8()));
            // Also while more is added.
            Assert.Equal(text, pool[numbers[^1]]);
        }
        AssertHolds(pool, texts, [.. numbers], seed: 6);
    }

    [Theory]
    [InlineData("\n", "")]
    [InlineData("\r\n", "\uFEFF")]
    public void Texts_of_plain_files_come_back_from_where_they_stand(string lineEnd, string bom)
    {
        var (texts, others) = (RandomTexts(7), RandomTexts(8));
        using var pool = new TextPool();
        var numbers = AddLines(pool, _folder.File("a", (bom + string.Join(lineEnd, texts)).Utf8()));
        var otherNumbers = AddLines(pool, _folder.File("b", (string.Join(lineEnd, others) + lineEnd).Utf8()));
        AssertHolds(pool, [.. others, .. texts], [.. otherNumbers, .. numbers], seed: 9);
    }

    [Fact]
    public void Texts_of_a_file_that_is_replaced_or_deleted_meanwhile_are_those_that_were_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "an open file cannot be replaced there");
        using var pool = new TextPool();
        var (one, two) = (AddLines(pool, _folder.File("one", "first\nsecond")), AddLines(pool, _folder.File("two", "third")));
        File.Move(_folder.Write("new", "another"), _folder["one"], overwrite: true);
        File.Delete(_folder["two"]);
        Assert.Equal(["first", "second", "third"], [pool[one[0]], pool[one[1]], pool[two[0]]]);
    }

    [Fact]
    public void A_file_that_became_shorter_is_told_by_its_name()
    {
        using var pool = new TextPool();
        var numbers = AddLines(pool, _folder.File("texts.tsv", "first\nsecond"));
        _folder.Write("texts.tsv", "f");
        var error = Assert.Throws<UserError>(() => pool[numbers[1]]);
        Assert.Equal("texts.tsv: this file became shorter while rlab was using it", error.Message);
        Assert.NotNull(error.Hint);

        var dataset = new Dataset([new CandidateQuery("q", ["d"], null)], [new CandidateTexts(numbers[0], [numbers[1]])], pool, null,
            true, []);
        Assert.Throws<UserError>(() => PairKeys.Of(dataset));
    }

    [Fact]
    public void Compressed_texts_are_kept()
    {
        using var pool = new TextPool(inMemory: 0);
        var numbers = AddLines(pool, _folder.File("texts.gz", Ground.Gzip("first\nsecond".Utf8())));
        File.WriteAllBytes(_folder["texts.gz"], []);
        Assert.Equal(["first", "second"], numbers.Select(n => pool[n]));
    }
}
