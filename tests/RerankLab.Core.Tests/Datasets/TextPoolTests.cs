using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests.Datasets;

public sealed class TextPoolTests
{
    [Fact]
    public void Every_text_comes_back_as_it_was_added()
    {
        var random = new Random(3);
        var texts = Enumerable.Range(0, 300).Select(_ => Ground.RandomText(random, random.Next(0, 20_000)))
            .Append(new string('x', 3 << 20)).Append("").Append("last").ToList();
        var pool = new TextPool();
        var numbers = texts.Select(t => pool.Add(t.Utf8())).ToList();
        Assert.Equal(texts, numbers.Select(n => pool[n]));
    }
}
