namespace RerankLab.Core.Datasets;

/// <summary>One query's scored documents in a compact form.</summary>
sealed class ScoredDocuments(byte[] query)
{
    readonly record struct Entry(double Score, int Offset, int Length, long Line);

    byte[] _ids = new byte[64];
    Entry[] _entries = new Entry[8];
    int _idBytes, _count;

    public int Count => _count;

    /// <summary>A document by its rank: the UTF-8 bytes of its id, its score, and its line.</summary>
    public (ReadOnlyMemory<byte> Document, double Score, long Line) this[int rank] =>
        (_ids.AsMemory(_entries[rank].Offset, _entries[rank].Length), _entries[rank].Score, _entries[rank].Line);

    public bool IsOf(ReadOnlySpan<byte> otherQuery) => otherQuery.SequenceEqual(query);

    public void Add(ReadOnlySpan<byte> id, double score, long line)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, _count + _count / 2 + 1);
        if (_ids.Length - _idBytes < id.Length) Array.Resize(ref _ids, (_idBytes + id.Length) * 3 / 2);
        id.CopyTo(_ids.AsSpan(_idBytes));
        _entries[_count++] = new Entry(score, _idBytes, id.Length, line);
        _idBytes += id.Length;
    }

    /// <summary>Gives up the room for more documents; a further one makes new room.</summary>
    public void Trim()
    {
        Array.Resize(ref _ids, _idBytes);
        Array.Resize(ref _entries, _count);
    }

    /// <summary>Bytes of the documents' ids.</summary>
    public int IdBytes => _idBytes;

    /// <summary>
    /// Brings the documents into order: by score descending, then by the rule. Runs mostly stand in it already.
    /// </summary>
    public void Sort(TieRule ties)
    {
        var entries = _entries.AsSpan(0, _count);
        for (int i = 1; i < entries.Length; i++)
            if (Compare(entries[i - 1], entries[i], ties) > 0)
            {
                entries.Sort((a, b) => Compare(a, b, ties));
                return;
            }
    }

    /// <summary>Documents that stand here more than once, with the line of each repetition.</summary>
    public IEnumerable<(long Line, string Document)> Repeated()
    {
        // Almost always there is none: equal hashes are looked at again, by the ids themselves.
        if (!HasEqualHashes()) return [];
        var seen = new HashSet<string>();
        return [.. _entries.Take(_count).Select(e => (e.Line, Document: Fields.Text(Id(e)))).Where(d => !seen.Add(d.Document))];
    }

    public (string Document, double Score, long Line)[] ToArray()
    {
        var documents = new (string, double, long)[_count];
        for (int i = 0; i < _count; i++) documents[i] = (Fields.Text(Id(_entries[i])), _entries[i].Score, _entries[i].Line);
        return documents;
    }

    bool HasEqualHashes()
    {
        var seen = new HashSet<int>(_count);
        for (int i = 0; i < _count; i++)
        {
            var hash = new HashCode();
            hash.AddBytes(Id(_entries[i]));
            if (!seen.Add(hash.ToHashCode())) return true;
        }
        return false;
    }

    ReadOnlySpan<byte> Id(Entry entry) => _ids.AsSpan(entry.Offset, entry.Length);

    int Compare(Entry a, Entry b, TieRule ties) =>
        b.Score.CompareTo(a.Score) is not 0 and var byScore ? byScore : ties switch
        {
            TieRule.DocIdDescending => Id(b).SequenceCompareTo(Id(a)),
            TieRule.DocIdAscending => Id(a).SequenceCompareTo(Id(b)),
            TieRule.Input => a.Line.CompareTo(b.Line),
            _ => throw new ArgumentOutOfRangeException(nameof(ties)),
        };
}
