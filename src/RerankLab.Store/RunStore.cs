using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Keys;
using RerankLab.Core.Measures;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>The runs of a lab file.</summary>
public sealed class RunStore(LabFile lab) : IRunStore
{
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Tags may be changed by hand, but not to what is no JSON.</summary>
    static readonly string IntactRun = $"{RowCheck.Holds("run")} AND json_valid(run.tags)";

    static RunStore() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    SqliteConnection Connection => lab.Connection;

    public void Save(RunRecord run, ScorerIdentity scorer, RunData data, Evaluation? evaluation)
    {
        lab.BeginWriting();
        using var transaction = lab.BeginTransaction();
        var scorerId = ScorerTable.Keep(Connection, scorer);
        var (candidates, qrels) = KeepLists(data);
        var id = InsertRun(run, scorerId, candidates, qrels);
        if (data.Logits is not null) InsertLogits(id, data.Logits);
        if (evaluation is not null) InsertMeasures(id, qrels!.Value, evaluation);
        RowCheck.Set(Connection, "run", "id = @id", new { id });
        RowCheck.Set(Connection, "run_query", "run = @id", new { id });
        RowCheck.Set(Connection, "measure", "run = @id", new { id });
        transaction.Commit();
    }

    public IReadOnlyList<RunRecord> Runs()
    {
        if (!lab.Exists) return [];
        lab.NoteDamaged("run", "name || ' (' || uid || ')'", IntactRun);
        lab.NoteDamaged("measure", "name || ' of run ' || run", RowCheck.Holds("measure"), "query IS NULL");
        var measures = Connection.Query<MeasureRow>(
                $"SELECT run, name, value FROM measure WHERE query IS NULL AND {RowCheck.Holds("measure")} ORDER BY rowid")
            .ToLookup(m => m.Run, m => KeyValuePair.Create(m.Name, m.Value));
        return [.. Connection.Query<RunRow>(
            $"""
            SELECT run.*, scorer.fingerprint AS scorer_fingerprint, session.uid AS session_uid, session.device
            FROM run LEFT JOIN scorer ON scorer.id = run.scorer LEFT JOIN session ON session.id = run.session
            WHERE {IntactRun} ORDER BY run.uid DESC
            """).Select(r => r.ToRecord([.. measures[r.Id]]))];
    }

    public RunData Load(RunRecord run)
    {
        var row = Connection.QuerySingle<RunRow>("SELECT id, candidates, qrels FROM run WHERE uid = @Uid", new { run.Uid });
        var shown = $"run '{run.Name}' ({run.Uid})";
        var (candidates, keys, qrels) = LoadLists(row.Candidates, row.Qrels, shown);
        var logits = Connection.Query<LogitsRow>(
            $"""
            SELECT ordinal, data, hash FROM run_query JOIN logits ON logits.id = run_query.logits
            WHERE run = @Id AND {RowCheck.Holds("run_query")} ORDER BY ordinal
            """, row).ToList();
        if (!IsWhole("run_query", "run", row.Id, logits.Select(l => l.Ordinal)) || logits.Count != 0 && logits.Count != candidates.Count
            || logits.Exists(l => !SHA256.HashData(l.Data).AsSpan().SequenceEqual(l.Hash)))
            throw lab.Damaged($"the logits of {shown}");
        return new RunData(
            candidates, keys, logits.Count < candidates.Count ? null : [.. logits.Select(l => Unpack<float>(l.Data)!)], qrels);
    }

    /// <summary>Candidates, their keys where texts were known, and judgements where there are any, by their ids.</summary>
    /// <exception cref="UserError">They are damaged.</exception>
    internal (IReadOnlyList<CandidateQuery> Candidates, IReadOnlyList<QueryKeys>? Keys, Qrels? Qrels) LoadLists(
        long candidates, long? qrels, string shown)
    {
        var lists = Connection.Query<CandidateQueryRow>(
            $"""
            SELECT ordinal, qid, query, CAST(documents AS BLOB) AS documents, scores, pairs
            FROM candidate_query WHERE candidates = @candidates AND {RowCheck.Holds("candidate_query")} ORDER BY ordinal
            """, new { candidates }).ToList();
        if (!IsWhole("candidate_query", "candidates", candidates, lists.Select(l => l.Ordinal)))
            throw lab.Damaged($"the candidates of {shown}");
        // Lists stay packed until they are looked at: a run can have millions of documents.
        return (
            new LazyList<CandidateQuery>(lists.Count, q => new CandidateQuery(
                lists[q].Qid, UnpackDocuments(lists[q].Documents), Unpack<double>(lists[q].Scores))),
            lists.Any(l => l.Query is null) ? null
                : new LazyList<QueryKeys>(lists.Count, q => new QueryKeys(lists[q].Query!.Value, UnpackKeys(lists[q].Pairs!))),
            qrels is { } id ? LoadQrels(id) ?? throw lab.Damaged($"the judgements of {shown}") : null);
    }

    /// <summary>Keeps candidates and judgements, where they are new.</summary>
    /// <returns>Their ids.</returns>
    internal (long Candidates, long? Qrels) KeepLists(RunData data) => (KeepCandidates(data), KeepQrels(data));

    long KeepCandidates(RunData data)
    {
        var known = Connection.ExecuteScalar<long?>("SELECT id FROM candidates WHERE fingerprint = @CandidatesFingerprint", data);
        if (known is not null) return known.Value;
        var id = Connection.ExecuteScalar<long>("INSERT INTO candidates (fingerprint) VALUES (@CandidatesFingerprint) RETURNING id", data);
        Connection.Execute(
            """
            INSERT INTO candidate_query (candidates, ordinal, qid, query, documents, scores, pairs)
            VALUES (@id, @ordinal, @qid, @query, @documents, @scores, @pairs)
            """,
            data.Candidates.Select((c, ordinal) => new
            {
                id,
                ordinal,
                qid = c.Id,
                query = data.Keys?[ordinal].Query,
                documents = JsonSerializer.Serialize(c.Documents, Readable),
                scores = c.FirstStageScores is null ? null : Pack(c.FirstStageScores),
                pairs = data.Keys is null ? null : PackKeys(data.Keys[ordinal].Pairs),
            }));
        RowCheck.Set(Connection, "candidate_query", "candidates = @id", new { id });
        return id;
    }

    long? KeepQrels(RunData data)
    {
        if (data.Qrels is null) return null;
        var known = Connection.ExecuteScalar<long?>("SELECT id FROM qrels WHERE fingerprint = @QrelsFingerprint", data);
        if (known is not null) return known.Value;
        var id = Connection.ExecuteScalar<long>("INSERT INTO qrels (fingerprint) VALUES (@QrelsFingerprint) RETURNING id", data);
        Connection.Execute("INSERT INTO qrels_query (qrels, ordinal, qid, labels) VALUES (@id, @ordinal, @qid, @labels)",
            data.Qrels.Queries.Select((qid, ordinal) => new { id, ordinal, qid, labels = JsonSerializer.Serialize(data.Qrels.Of(qid), Readable) }));
        RowCheck.Set(Connection, "qrels_query", "qrels = @id", new { id });
        return id;
    }

    /// <summary>Null where they are damaged.</summary>
    Qrels? LoadQrels(long id)
    {
        var qrels = new Qrels();
        var rows = Connection.Query<QrelsQueryRow>(
            $"SELECT ordinal, qid, labels FROM qrels_query WHERE qrels = @id AND {RowCheck.Holds("qrels_query")} ORDER BY ordinal",
            new { id }).ToList();
        if (!IsWhole("qrels_query", "qrels", id, rows.Select(r => r.Ordinal))) return null;
        foreach (var row in rows)
            foreach (var (document, label) in JsonSerializer.Deserialize<Dictionary<string, int>>(row.Labels)!)
                qrels.Add(row.Qid, document, label);
        return qrels;
    }

    /// <summary>Whether the intact rows of a list are all of its rows, and none is missing between them.</summary>
    bool IsWhole(string table, string owner, long id, IEnumerable<long> intact)
    {
        var ordinals = intact.ToList();
        return ordinals.Index().All(o => o.Item == o.Index)
            && ordinals.Count == Connection.ExecuteScalar<int>($"SELECT count(*) FROM {table} WHERE {owner} = @id", new { id });
    }

    long InsertRun(RunRecord run, long scorer, long candidates, long? qrels) => Connection.ExecuteScalar<long>(
        """
        INSERT INTO run (uid, name, started, status, depth, experiment, overrides, experiment_path, setup, candidates, scorer, qrels,
            session, queries, pairs, unique_pairs, hits, misses, scored, truncated, tokens, padded_tokens, seconds, cost, currency,
            environment, git_commit, git_dirty, tags)
        VALUES (@Uid, @Name, @started, @status, @Depth, @ExperimentText, @overrides, @ExperimentPath, @Setup, @candidates, @scorer, @qrels,
            (SELECT id FROM session WHERE uid = @SessionUid), @Queries, @Pairs, @UniquePairs, @Hits, @Misses, @Scored, @Truncated, @Tokens,
            @PaddedTokens, @seconds, @Cost, @Currency, @environment, @GitCommit, @GitDirty, @tags)
        RETURNING id
        """,
        new
        {
            run.Uid,
            run.Name,
            started = run.Started.ToString("O"),
            status = run.Status.ToString().ToLowerInvariant(),
            run.Depth,
            run.ExperimentText,
            overrides = JsonSerializer.Serialize(run.Overrides, Readable),
            run.ExperimentPath,
            run.Setup,
            candidates,
            scorer,
            qrels,
            run.SessionUid,
            run.Counts.Queries,
            run.Counts.Pairs,
            run.Counts.UniquePairs,
            run.Counts.Hits,
            run.Counts.Misses,
            run.Counts.Scored,
            run.Counts.Truncated,
            run.Counts.Tokens,
            run.Counts.PaddedTokens,
            seconds = JsonSerializer.Serialize(run.Seconds.ToDictionary()),
            run.Cost,
            run.Currency,
            environment = JsonSerializer.Serialize(run.Provenance.Environment, Readable),
            run.Provenance.GitCommit,
            run.Provenance.GitDirty,
            tags = JsonSerializer.Serialize(run.Tags, Readable),
        });

    void InsertLogits(long run, IReadOnlyList<float[]> logits)
    {
        for (int ordinal = 0; ordinal < logits.Count; ordinal++)
        {
            var data = Pack(logits[ordinal]);
            var hash = SHA256.HashData(data);
            Connection.Execute("INSERT INTO logits (hash, data) VALUES (@hash, @data) ON CONFLICT DO NOTHING", new { hash, data });
            Connection.Execute("INSERT INTO run_query (run, ordinal, logits) SELECT @run, @ordinal, id FROM logits WHERE hash = @hash",
                new { run, ordinal, hash });
        }
    }

    void InsertMeasures(long run, long qrels, Evaluation evaluation)
    {
        foreach (var measure in evaluation.Measures)
        {
            var values = evaluation.Of(measure).Zip(evaluation.Queries, (value, query) => Row(query, value));
            Connection.Execute("INSERT INTO measure (run, qrels, query, name, value) VALUES (@run, @qrels, @query, @name, @value)",
                values.Prepend(Row(null, evaluation.Overall(measure))));

            object Row(string? query, double value) => new { run, qrels, query, name = measure.ToString(), value };
        }
    }

    /// <summary>An array as little-endian bytes; every platform that .NET 10 runs on is little-endian.</summary>
    static byte[] Pack<T>(T[] values) where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    static T[]? Unpack<T>(byte[]? bytes) where T : unmanaged => bytes is null ? null : MemoryMarshal.Cast<byte, T>(bytes).ToArray();

    /// <summary>A JSON array of ids, without a string for each.</summary>
    static DocumentIds UnpackDocuments(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var (utf8, ends, end) = (new byte[json.Length], new List<int>(), 0);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String) ends.Add(end += reader.CopyString(utf8.AsSpan(end)));
        return new DocumentIds(utf8[..end], [.. ends]);
    }

    static byte[] PackKeys(PairKey[] keys)
    {
        var bytes = new byte[keys.Length * PairKey.Size];
        for (int i = 0; i < keys.Length; i++) keys[i].CopyTo(bytes.AsSpan(i * PairKey.Size));
        return bytes;
    }

    static PairKey[] UnpackKeys(byte[] bytes)
    {
        var keys = new PairKey[bytes.Length / PairKey.Size];
        for (int i = 0; i < keys.Length; i++) keys[i] = PairKey.From(bytes.AsSpan(i * PairKey.Size, PairKey.Size));
        return keys;
    }

    sealed record MeasureRow(long Run, string Name, double Value);

    sealed record QrelsQueryRow(long Ordinal, string Qid, string Labels);

    sealed record CandidateQueryRow(long Ordinal, string Qid, long? Query, byte[] Documents, byte[]? Scores, byte[]? Pairs);

    sealed record LogitsRow(long Ordinal, byte[] Data, byte[] Hash);

    /// <summary>A row of the run table; its properties are named after the columns.</summary>
    sealed class RunRow
    {
        public long Id { get; init; }
        public string Uid { get; init; } = "";
        public string Name { get; init; } = "";
        public string Started { get; init; } = "";
        public string Status { get; init; } = "";
        public int Depth { get; init; }
        public string Experiment { get; init; } = "";
        public string Overrides { get; init; } = "";
        public string ExperimentPath { get; init; } = "";
        public string Setup { get; init; } = "";
        public long Candidates { get; init; }
        public long? Qrels { get; init; }
        public string ScorerFingerprint { get; init; } = "";
        public string? SessionUid { get; init; }
        public string? Device { get; init; }
        public int Queries { get; init; }
        public int Pairs { get; init; }
        public int UniquePairs { get; init; }
        public int Hits { get; init; }
        public int Misses { get; init; }
        public int Scored { get; init; }
        public int Truncated { get; init; }
        public long Tokens { get; init; }
        public long PaddedTokens { get; init; }
        public string Seconds { get; init; } = "";
        public double? Cost { get; init; }
        public string? Currency { get; init; }
        public string Environment { get; init; } = "";
        public string? GitCommit { get; init; }
        public bool? GitDirty { get; init; }
        public string Tags { get; init; } = "";

        public RunRecord ToRecord(IReadOnlyList<KeyValuePair<string, double>> measures) => new()
        {
            Uid = Uid,
            Name = Name,
            Started = DateTimeOffset.Parse(Started, CultureInfo.InvariantCulture),
            Status = Enum.Parse<RunStatus>(Status, ignoreCase: true),
            Depth = Depth,
            ExperimentText = Experiment,
            Overrides = JsonSerializer.Deserialize<string[]>(Overrides)!,
            ExperimentPath = ExperimentPath,
            Setup = Setup,
            ScorerFingerprint = ScorerFingerprint,
            SessionUid = SessionUid,
            Device = Device,
            Counts = new RunCounts(Queries, Pairs, UniquePairs, Hits, Misses, Scored, Truncated, Tokens, PaddedTokens),
            Seconds = [.. JsonSerializer.Deserialize<Dictionary<string, double>>(Seconds)!],
            Cost = Cost,
            Currency = Currency,
            Provenance = new Provenance(JsonSerializer.Deserialize<Dictionary<string, string>>(Environment)!, GitCommit, GitDirty),
            Tags = JsonSerializer.Deserialize<string[]>(Tags)!,
            Measures = measures,
        };
    }
}
