namespace RerankLab.Core.Datasets;

/// <summary>
/// Distinct ids, numbered from 0 in the order in which they were added, some twenty bytes each: a set of strings takes a hundred.
/// </summary>
/// <param name="capacity">How many ids there is room for before it is made larger.</param>
/// <param name="utf8Capacity">And how many bytes of them.</param>
sealed class IdIndex(int capacity = 4, int utf8Capacity = 64)
{
    byte[] _utf8 = new byte[utf8Capacity];
    int[] _ends = new int[capacity];

    /// <summary>Numbers plus 1 in places that their ids' hashes give; made when an id is first looked for.</summary>
    int[]? _buckets;

    public int Count { get; private set; }

    /// <summary>An id by its number.</summary>
    public ReadOnlyMemory<byte> this[int number] => _utf8.AsMemory(StartOf(number), _ends[number] - StartOf(number));

    /// <summary>The number of an id, new or not.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(ReadOnlySpan<byte> id, out int number)
    {
        ref int bucket = ref BucketOf(id);
        if (bucket != 0)
        {
            number = bucket - 1;
            return false;
        }
        bucket = Count + 1;
        number = Keep(id);
        if (BucketsOf(Count) > _buckets!.Length) Hash(Grown(_buckets.Length));
        return true;
    }

    /// <summary>Adds an id that was not added before: it is not looked for.</summary>
    /// <returns>Its number.</returns>
    public int Append(ReadOnlySpan<byte> id)
    {
        _buckets = null;
        return Keep(id);
    }

    /// <summary>The number of an id; -1 where it was not added.</summary>
    public int Find(ReadOnlySpan<byte> id) => BucketOf(id) - 1;

    /// <summary>Gives up the room for more ids; a further one makes new room.</summary>
    public void Trim()
    {
        Array.Resize(ref _utf8, StartOf(Count));
        Array.Resize(ref _ends, Count);
    }

    int Keep(ReadOnlySpan<byte> id)
    {
        int start = StartOf(Count);
        if (_ends.Length == Count) Array.Resize(ref _ends, Grown(Count + 1));
        if (_utf8.Length - start < id.Length) Array.Resize(ref _utf8, Grown(start + id.Length));
        id.CopyTo(_utf8.AsSpan(start));
        _ends[Count] = start + id.Length;
        return Count++;
    }

    int StartOf(int number) => number == 0 ? 0 : _ends[number - 1];

    ReadOnlySpan<byte> Utf8(int number) => _utf8.AsSpan(StartOf(number), _ends[number] - StartOf(number));

    /// <summary>Half as much again: doubling would cost millions of ids more than they themselves do.</summary>
    static int Grown(int needed) => needed + needed / 2;

    /// <summary>The bucket that has an id, or the empty one where it would go.</summary>
    ref int BucketOf(ReadOnlySpan<byte> id)
    {
        if (_buckets is null) Hash(BucketsOf(Math.Max(capacity, Count)));
        var hash = new HashCode();
        hash.AddBytes(id);
        int at = (int)((uint)hash.ToHashCode() * (ulong)_buckets!.Length >> 32);
        while (_buckets[at] != 0 && !Utf8(_buckets[at] - 1).SequenceEqual(id)) at = at + 1 == _buckets.Length ? 0 : at + 1;
        return ref _buckets[at];
    }

    /// <summary>A fifth of the buckets stays empty.</summary>
    static int BucketsOf(int ids) => ids + ids / 4 + 1;

    void Hash(int buckets)
    {
        _buckets = new int[buckets];
        for (int number = 0; number < Count; number++) BucketOf(Utf8(number)) = number + 1;
    }
}
