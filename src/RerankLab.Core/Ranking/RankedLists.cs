using System.Collections;

namespace RerankLab.Core.Ranking;

/// <summary>Rankings that are made each time they are asked for: millions of documents need not be held at once.</summary>
sealed class RankedLists(int count, Func<int, RankedList> make) : IReadOnlyList<RankedList>
{
    public int Count => count;

    public RankedList this[int index] => make(index);

    public IEnumerator<RankedList> GetEnumerator() => Enumerable.Range(0, count).Select(make).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
