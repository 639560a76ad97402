namespace RerankLab.Core.Datasets;

/// <summary>
/// One query's labels beside its candidates, whose ids they share: two or three bytes each, where every candidate may have one. They are
/// unpacked each time they are asked for.
/// </summary>
sealed class PackedLabels
{
    /// <summary>Bytes that a number of 32 bits takes at most.</summary>
    const int LongestNumber = 5;

    /// <summary>Set in each byte of a number but its last.</summary>
    const uint More = 0x80;

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
        var places = Places(labels, candidates);
        _others = Others(labels, places);
        var (packed, length) = (new byte[2 * _count * LongestNumber], 0);
        for (int number = 0, next = 0, other = candidates.Length; number < _count; number++)
        {
            int place = places[number] >= 0 ? places[number] : other++;
            Write(place - next);
            Write(labels.At(number).Label);
            next = place + 1;
        }
        _packed = packed[..length];

        // Numbers near 0 are small ones without a sign (0, -1, 1, -2, …), and these are cut into seven bits a byte.
        void Write(int number)
        {
            uint rest = (uint)(number << 1 ^ number >> 31);
            for (; rest >= More; rest >>= 7) packed[length++] = (byte)(rest | More);
            packed[length++] = (byte)rest;
        }
    }

    public QueryLabels Unpack()
    {
        var labels = new QueryLabels(_count, _candidates.Utf8Length + _others.Utf8Length);
        for (int number = 0, next = 0, at = 0; number < _count; number++)
        {
            int place = next + Read(ref at), label = Read(ref at);
            labels.Append(place < _candidates.Length ? _candidates.Utf8(place) : _others.Utf8(place - _candidates.Length), label);
            next = place + 1;
        }
        return labels;

        int Read(ref int at)
        {
            uint number = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte read = _packed[at++];
                number |= (read & (More - 1)) << shift;
                if (read < More) return (int)(number >> 1) ^ -(int)(number & 1);
            }
        }
    }

    /// <summary>Where each label's document stands among the candidates; -1 where it does not.</summary>
    static int[] Places(QueryLabels labels, DocumentIds candidates)
    {
        var places = new int[labels.Count];
        Array.Fill(places, -1);
        // Mostly both stand in one order, and no document has to be looked for.
        int number = 0;
        for (int candidate = 0; candidate < candidates.Length && number < places.Length; candidate++)
            if (labels.At(number).Document.Span.SequenceEqual(candidates.Utf8(candidate))) places[number++] = candidate;
        for (int candidate = 0; candidate < candidates.Length && number < places.Length; candidate++)
            if (labels.Find(candidates.Utf8(candidate)) is >= 0 and var found) places[found] = candidate;
        return places;
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
}
