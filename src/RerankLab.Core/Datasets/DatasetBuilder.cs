namespace RerankLab.Core.Datasets;

/// <summary>A passage offered to a query by a first stage.</summary>
readonly record struct Candidate(string Document, int Text, double Score);

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

    /// <summary>Adds a query. Candidates stand in first-stage order already, unless they are scored.</summary>
    public void AddQuery(string id, int text, List<Candidate> candidates, bool scored)
    {
        if (candidates.Count == 0)
        {
            _withoutCandidates++;
            return;
        }
        if (scored) candidates.Sort((a, b) => TotalOrder.Compare(a.Score, a.Document, b.Score, b.Document));
        if (candidates.Count > depth) candidates.RemoveRange(depth.Value, candidates.Count - depth.Value);
        _emptyTexts += candidates.Count(c => Texts.Utf8(c.Text).IsEmpty) + (Texts.Utf8(text).IsEmpty ? 1 : 0);
        _queries.Add(new CandidateQuery(id, [.. candidates.Select(c => c.Document)],
            scored ? [.. candidates.Select(c => c.Score)] : null));
        _texts.Add(new CandidateTexts(text, [.. candidates.Select(c => c.Text)]));
    }

    public void AddLabel(string query, string document, int label) => _inlineLabels.Add(query, document, label);

    public void UseQrels(Qrels qrels)
    {
        _qrels = qrels;
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
