using System.Text;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class Utf8LinesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    List<(long Number, string Line)> ReadAll(byte[] bytes)
    {
        var read = new List<(long, string)>();
        using var lines = Utf8Lines.Open(_folder.File("text", bytes), _problems);
        while (lines is not null && lines.Read(out var line)) read.Add((lines.Number, Encoding.UTF8.GetString(line)));
        return read;
    }

    [Fact]
    public void Lines_come_with_their_numbers_and_without_their_ends()
    {
        Assert.Equal([(1, "a"), (2, ""), (3, "重排"), (4, "last")], ReadAll("a\n\r\n重排\r\nlast".Utf8()));
        Assert.Empty(_problems.Shown());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lines_that_are_parsed_on_all_cores_are_taken_in_order_with_their_places(bool compressed)
    {
        var random = new Random(2);
        var lines = Enumerable.Range(0, 30_000).Select(_ => new string((char)random.Next('a', 'z'), random.Next(0, 600))).ToList();
        // Longer than what is read at once; and one that is no UTF-8.
        (lines[7], lines[20_000]) = (new string('l', 9 << 20), "invalid");
        byte[] text = string.Join('\n', lines).Utf8();
        text[text.AsSpan().IndexOf("invalid"u8)] = 0xFF;

        var numbers = new List<long>();
        using (var read = Utf8Lines.Open(_folder.File("text", compressed ? Ground.Gzip(text) : text), _problems)!)
            read.ParseAll(line => (line.Number, Text: line.Text(line.Utf8.Span)) as object, parsed =>
            {
                var (number, (utf8, position)) = ((long, LineText))parsed;
                numbers.Add(number);
                Assert.True(utf8.Span.SequenceEqual(lines[(int)number - 1].Utf8()));
                Assert.True(text.AsSpan((int)position!.Value, utf8.Length).SequenceEqual(utf8.Span));
            });
        Assert.Equal(Enumerable.Range(1, 30_000).Where(n => n != 20_001).Select(n => (long)n), numbers);
        Assert.Equal(["text:20001: invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)"], _problems.Shown());
    }

    [Fact]
    public void Damage_is_told_after_what_was_wrong_before_it()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i} {Guid.NewGuid()}\n")).Utf8();
        var whole = Ground.Gzip(text);
        using (var read = Utf8Lines.Open(_folder.File("cut", whole[..(whole.Length / 2)]), _problems)!)
            read.ParseAll(line => line.Number as object, number =>
            {
                if ((long)number == 3) _problems.Add("cut", 3, "wrong");
            });
        var shown = _problems.Shown();
        Assert.Equal(("cut:3: wrong", 2), (shown[0], shown.Length));
        Assert.Matches(@"^cut:\d{4,5}: the file is cut off or damaged here", shown[1]);
    }

    [Fact]
    public void A_final_newline_starts_no_further_line() =>
        Assert.Equal([(1, "a"), (2, "b")], ReadAll("a\nb\n".Utf8()));

    [Fact]
    public void A_carriage_return_inside_a_line_stays() => Assert.Equal([(1, "a\rb")], ReadAll("a\rb\n".Utf8()));

    [Fact]
    public void An_empty_file_has_no_lines()
    {
        Assert.Empty(ReadAll([]));
        Assert.Empty(ReadAll([0xEF, 0xBB, 0xBF]));
        Assert.Empty(_problems.Shown());
    }

    [Fact]
    public void A_byte_order_mark_is_dropped_at_the_beginning_only() =>
        Assert.Equal([(1, "a"), (2, "\uFEFFb")], ReadAll("\uFEFFa\n\uFEFFb".Utf8()));

    [Fact]
    public void Compression_is_told_by_the_first_bytes()
    {
        var text = "\uFEFFone\r\ntwo".Utf8();
        Assert.Equal([(1, "one"), (2, "two")], ReadAll(Ground.Gzip(text)));
        Assert.Equal([(1, "one"), (2, "two")], ReadAll(Ground.Zstd(text)));
    }

    [Fact]
    public void Gzip_members_one_after_another_are_one_text() =>
        Assert.Equal([(1, "one"), (2, "two")], ReadAll([.. Ground.Gzip("one\nt".Utf8()),
            .. Ground.Gzip("wo\n".Utf8())]));

    [Fact]
    public void Invalid_utf8_is_reported_at_its_line_and_the_other_lines_are_read()
    {
        byte[] bytes = [.. "a\n"u8, 0xC3, 0x28, .. "\nb\n"u8, 0xED, 0xA0, 0x80, (byte)'\n'];
        Assert.Equal([(1, "a"), (3, "b")], ReadAll(bytes));
        Assert.Equal(
        [
            "text:2: invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)",
            "text:4: invalid UTF-8; expected UTF-8 text (convert the file, e.g. with iconv)",
        ], _problems.Shown());
    }

    [Fact]
    public void A_compressed_file_that_is_cut_off_is_reported()
    {
        var random = new Random(1);
        var text = string.Join('\n', Enumerable.Range(0, 20_000).Select(_ => random.Next().ToString())).Utf8();
        foreach (var whole in new[] { Ground.Gzip(text), Ground.Zstd(text) })
        {
            var problems = new Problems();
            using var lines = Utf8Lines.Open(_folder.File("cut", whole[..(whole.Length / 2)]), problems)!;
            while (lines.Read(out _)) { }
            Assert.Contains("the file is cut off or damaged here", Assert.Single(problems.Shown()));
        }
    }

    [Fact]
    public void Lines_longer_than_any_buffer_are_read_whole()
    {
        var random = new Random(7);
        var expected = Enumerable.Range(1, 40)
            .Select(n => ((long)n, new string((char)('a' + n % 26), random.Next(0, 200_000)))).ToList();
        Assert.Equal(expected, ReadAll((string.Join('\n', expected.Select(l => l.Item2)) + '\n').Utf8()));
    }

    [Fact]
    public void A_missing_file_is_reported_where_it_was_named()
    {
        Assert.Null(Utf8Lines.Open(new DataFile("q.tsv", _folder["q.tsv"]), _problems));
        Assert.Null(Utf8Lines.Open(new DataFile("r.trec", _folder["none/r.trec"], ("e.yaml", 5, "dataset.run")),
            _problems));
        Assert.Equal(["q.tsv: file not found", "e.yaml:5: dataset.run: file not found: r.trec"], _problems.Shown());
    }

    [Fact]
    public void A_folder_in_place_of_a_file_is_named_as_such()
    {
        Assert.Null(Utf8Lines.Open(new DataFile("data", _folder.Path), _problems));
        Assert.Equal(["data: expected a file, found a folder"], _problems.Shown());
    }
}
