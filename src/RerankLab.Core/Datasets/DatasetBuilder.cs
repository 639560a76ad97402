namespace RerankLab.Core.Datasets;

/// <summary>A passage offered to a query by a first stage.</summary>
/// <param name="Document">Its id's UTF-8 bytes.</param>
/// <param name="Text">The number of its text.</param>
/// <param name="Score">The first stage's, where it gives any.</param>
readonly record struct Candidate(ReadOnlyMemory<byte> Document, int Text, double Score);

/// <summary>
/// Gathers queries with their candidates from whichever form they come in, cuts them to the depth and counts what is
/// odd but allowed.
/// </summary>
sealed class DatasetBuilder(int? depth)
{
    readonly List<CandidateQuery> _queries = [];
    readonly List<CandidateTexts> _texts = [];
    readonly Qrels _inlineLabels = new();
    readonly List<string> _notes = [];
    Qrels? _qrels;
    int _withoutCandidates, _emptyTexts;

    public TextPool Texts { get; } = new();

    /// <summary>False where the order of the candidates means nothing.</summary>
    public bool HasFirstStageOrder { get; set; } = true;

    /// <summary>Brings candidates into first-stage order, where they are scored, and cuts them to the depth. Any thread may.</summary>
    public void Order(List<Candidate> candidates, bool scored)
    {
        if (scored) candidates.Sort((a, b) => TotalOrder.Compare(a.Score, a.Document.Span, b.Score, b.Document.Span));
        if (candidates.Count > depth) candidates.RemoveRange(depth.Value, candidates.Count - depth.Value);
    }

    /// <summary>Adds a query with its candidates as <see cref="Order"/> left them.</summary>
    /// <param name="id">The query's id.</param>
    /// <param name="text">The number of its text.</param>
    /// <param name="candidates">Its candidates.</param>
    /// <param name="scored">Whether the first stage gave them scores.</param>
    /// <param name="labels">Those inside the candidates, of passages below the depth too.</param>
    public void AddQuery(string id, int text, IReadOnlyList<Candidate> candidates, bool scored,
        IReadOnlyList<(ReadOnlyMemory<byte> Document, int Label)>? labels = null)
    {
        if (candidates.Count == 0)
        {
            _withoutCandidates++;
            return;
        }
        if (Texts.Length(text) == 0) _emptyTexts++;
        var (documents, ends) = (new byte[candidates.Sum(c => c.Document.Length)], new int[candidates.Count]);
        var (passages, scores) = (new int[candidates.Count], scored ? new double[candidates.Count] : null);
        for (int i = 0, end = 0; i < candidates.Count; i++)
        {
            var (document, passage, score) = candidates[i];
            document.Span.CopyTo(documents.AsSpan(end));
            ends[i] = end += document.Length;
            passages[i] = passage;
            scores?[i] = score;
            if (Texts.Length(passage) == 0) _emptyTexts++;
        }
        var query = new CandidateQuery(id, new DocumentIds(documents, ends), scores);
        if (labels is not null) _inlineLabels.Add(query, labels);
        _queries.Add(query);
        _texts.Add(new CandidateTexts(text, passages));
    }

    public void UseQrels(Qrels qrels)
    {
        (_qrels = qrels).ShareIds(_queries);
        if (!_inlineLabels.IsEmpty) Note("the labels inside the candidates are not used: dataset.qrels is given");
    }

    public void Note(string sentence) => _notes.Add(sentence);

    public void CountQueryWithoutCandidates() => _withoutCandidates++;

    public Dataset Build()
    {
        if (_withoutCandidates > 0) Note($"queries without candidates, left out: {_withoutCandidates}");
        if (_emptyTexts > 0) Note($"empty query or passage texts: {_emptyTexts}");
        var qrels = _qrels ?? (_inlineLabels.IsEmpty ? null : _inlineLabels);
        return new Dataset(_queries, _texts, Texts, qrels, HasFirstStageOrder, _notes);
    }
}
