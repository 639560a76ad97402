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
}
