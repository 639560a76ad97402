namespace RerankLab.Core.Datasets;

/// <summary>
/// One query's labels beside its candidates, whose ids they share: two or three bytes each, where every candidate may have one. They are
/// unpacked each time they are asked for.
/// </summary>
sealed class PackedLabels
{
    static readonly DocumentIds None = [];

    readonly DocumentIds _candidates, _others;

    /// <summary>
    /// For each label in the order of the file two numbers, small ones in one byte: how far its document stands from the one after the
    /// document before, and the label. Documents are numbered as the candidates are, then the others.
    /// </summary>
    readonly byte[] _packed;

    readonly int _count;

    /// <param name="labels">The labels.</param>
    /// <param name="candidates">The query's candidates, judged or not.</param>
    public PackedLabels(QueryLabels labels, DocumentIds candidates)
    {
        (_candidates, _count) = (candidates, labels.Count);
        var places = new int[_count];
        Array.Fill(places, -1);
        for (int candidate = 0; candidate < candidates.Length; candidate++)
            if (labels.Find(candidates.Utf8(candidate)) is >= 0 and var number) places[number] = candidate;
        _others = Others(labels, places);

        var packed = new MemoryStream(2 * _count);
        using var writer = new BinaryWriter(packed);
        for (int number = 0, next = 0, other = candidates.Length; number < _count; number++)
        {
            int place = places[number] >= 0 ? places[number] : other++;
            writer.Write7BitEncodedInt(ZigZag(place - next));
            writer.Write7BitEncodedInt(ZigZag(labels.At(number).Label));
            next = place + 1;
        }
        _packed = packed.ToArray();
    }

    public QueryLabels Unpack()
    {
        using var reader = new BinaryReader(new MemoryStream(_packed));
        var labels = new QueryLabels(_count, _candidates.Utf8Length + _others.Utf8Length);
        for (int number = 0, next = 0; number < _count; number++)
        {
            int place = next + UnZigZag(reader.Read7BitEncodedInt());
            int label = UnZigZag(reader.Read7BitEncodedInt());
            labels.Append(place < _candidates.Length ? _candidates.Utf8(place) : _others.Utf8(place - _candidates.Length), label);
            next = place + 1;
        }
        return labels;
    }

    /// <summary>The judged documents that are no candidates, in the order of the file.</summary>
    static DocumentIds Others(QueryLabels labels, int[] places)
    {
        var (count, length) = (0, 0);
        for (int number = 0; number < places.Length; number++)
            if (places[number] < 0) (count, length) = (count + 1, length + labels.At(number).Document.Length);
        if (count == 0) return None;
        var (utf8, ends) = (new byte[length], new int[count]);
        for (int number = 0, other = 0, end = 0; number < places.Length; number++)
        {
            if (places[number] >= 0) continue;
            var document = labels.At(number).Document;
            document.Span.CopyTo(utf8.AsSpan(end));
            ends[other++] = end += document.Length;
        }
        return new DocumentIds(utf8, ends);
    }

    /// <summary>Numbers near 0 become small ones without a sign: 0, -1, 1, -2, …</summary>
    static int ZigZag(int number) => number << 1 ^ number >> 31;

    static int UnZigZag(int number) => (int)((uint)number >> 1) ^ -(number & 1);
}
