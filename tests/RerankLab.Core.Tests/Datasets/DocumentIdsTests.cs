using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class DocumentIdsTests
{
    [Fact]
    public void Packed_ids_are_a_list_of_strings()
    {
        DocumentIds ids = ["d1", "", "文档", "d1", "\U0001F642"];
        Assert.Equal(["d1", "", "文档", "d1", "\U0001F642"], ids);
        Assert.Equal(5, ids.Length);
        Assert.Equal("文档".Utf8(), ids.Utf8(2).ToArray());
        Assert.Equal((0, 1, 4, -1), (ids.IndexOf("d1"), ids.IndexOf(""), ids.IndexOf("\U0001F642"), ids.IndexOf("d")));
        Assert.Equal(["d1", "", "文档"], ids.First(3));
        Assert.Equal(ids, ids.First(9));
        Assert.Empty(ids.First(0));
        Assert.Empty((DocumentIds)[]);
    }

    [Theory]
    [InlineData(65_530)]
    [InlineData(65_531)]
    [InlineData(200_000)]
    public void Ids_may_be_long_together(int length)
    {
        string[] ids = ["first", new('x', length), "last"];
        DocumentIds packed = [.. ids];
        Assert.Equal(ids, packed);
        Assert.Equal(length + 9, packed.Utf8Length);
        Assert.Equal(ids[..2], packed.First(2));
        Assert.Equal((length + 5, 2), (packed.First(2).Utf8Length, packed.IndexOf("last")));
    }

    [Fact]
    public void An_index_numbers_distinct_ids_in_the_order_in_which_they_came()
    {
        var (random, index, expected) = (new Random(1), new IdIndex(), new Dictionary<string, int>());
        for (int i = 0; i < 20_000; i++)
        {
            var id = random.Next(3) == 0 ? Ground.RandomText(random, random.Next(0, 4)) : $"d{random.Next(8_000)}";
            bool isNew = expected.TryAdd(id, expected.Count);
            Assert.Equal((isNew, expected[id]), (index.Add(id.Utf8(), out int number), number));
        }
        Assert.Equal(expected.Count, index.Count);
        Assert.All(expected, e => Assert.Equal(e.Value, index.Find(e.Key.Utf8())));
        Assert.All(expected, e => Assert.Equal(e.Key.Utf8(), index[e.Value].ToArray()));
        Assert.Equal(-1, index.Find("never"u8));
    }

    [Fact]
    public void Ids_that_are_known_to_be_new_are_found_as_others_are()
    {
        var index = new IdIndex();
        for (int i = 0; i < 100; i++) Assert.Equal(i, index.Append($"d{i}".Utf8()));
        Assert.Equal((42, -1), (index.Find("d42"u8), index.Find("d100"u8)));
        Assert.Equal((false, true), (index.Add("d7"u8, out int seven), index.Add("d100"u8, out int hundred)));
        Assert.Equal((7, 100), (seven, hundred));
        Assert.Equal(101, index.Append("d101"u8));
        Assert.Equal((7, 100, 101), (index.Find("d7"u8), index.Find("d100"u8), index.Find("d101"u8)));
    }
}
