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

    static RunStore() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    SqliteConnection Connection => lab.Connection;

    public void Save(RunRecord run, ScorerIdentity scorer, RunData data, Evaluation? evaluation)
    {
        lab.BeginWriting();
        using var transaction = lab.BeginTransaction();
        var scorerId = ScorerTable.Keep(Connection, scorer);
        var candidates = KeepCandidates(data);
        var qrels = KeepQrels(data);
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
        var measures = Connection.Query<MeasureRow>(
                $"SELECT run, name, value, {RowCheck.Holds("measure")} AS holds FROM measure WHERE query IS NULL ORDER BY rowid")
            .Where(m => m.Holds || lab.LeavesOut($"a value of {m.Name}"))
            .ToLookup(m => m.Run, m => KeyValuePair.Create(m.Name, m.Value));
        return [.. Connection.Query<RunRow>(
            $"""
            SELECT run.*, scorer.fingerprint AS scorer_fingerprint, session.uid AS session_uid, session.device, {RowCheck.Holds("run")} AS holds
            FROM run LEFT JOIN scorer ON scorer.id = run.scorer LEFT JOIN session ON session.id = run.session
            ORDER BY run.uid DESC
            """).Where(r => r.Holds || lab.LeavesOut($"run '{r.Name}' ({r.Uid})")).Select(r => r.ToRecord([.. measures[r.Id]]))];
    }

    public RunData Load(RunRecord run)
    {
        var row = Connection.QuerySingle<RunRow>("SELECT id, candidates, qrels FROM run WHERE uid = @Uid", new { run.Uid });
        var lists = Connection.Query<CandidateQueryRow>(
            $"""
            SELECT ordinal, qid, query, CAST(documents AS BLOB) AS documents, scores, pairs, {RowCheck.Holds("candidate_query")} AS holds
            FROM candidate_query WHERE candidates = @Candidates ORDER BY ordinal
            """, row).ToList();
        if (lists.Where((l, i) => !l.Holds || l.Ordinal != i).Any()) throw lab.Damaged($"the candidates of run '{run.Name}' ({run.Uid})");
        var logits = Connection.Query<LogitsRow>(
            $"""
            SELECT data, hash, {RowCheck.Holds("run_query")} AS holds
            FROM run_query JOIN logits ON logits.id = run_query.logits WHERE run = @Id ORDER BY ordinal
            """, row).ToList();
        if (logits.Count != 0 && logits.Count != lists.Count || logits.Exists(l => !l.Holds || !SHA256.HashData(l.Data).AsSpan().SequenceEqual(l.Hash)))
            throw lab.Damaged($"the logits of run '{run.Name}' ({run.Uid})");
        // Lists stay packed until they are looked at: a run can have millions of documents.
        var candidates = new LazyList<CandidateQuery>(lists.Count, q => new CandidateQuery(
            lists[q].Qid, JsonSerializer.Deserialize<string[]>(lists[q].Documents)!, Unpack<double>(lists[q].Scores)));
        var keys = lists.Any(l => l.Query is null) ? null
            : new LazyList<QueryKeys>(lists.Count, q => new QueryKeys(lists[q].Query!.Value, UnpackKeys(lists[q].Pairs!)));
        return new RunData(candidates, keys, logits.Count < lists.Count ? null : [.. logits.Select(l => Unpack<float>(l.Data)!)],
            row.Qrels is { } qrels ? LoadQrels(qrels) ?? throw lab.Damaged($"the judgements of run '{run.Name}' ({run.Uid})") : null);
    }

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
        int ordinal = 0;
        foreach (var row in Connection.Query<QrelsQueryRow>(
                     $"SELECT ordinal, qid, labels, {RowCheck.Holds("qrels_query")} AS holds FROM qrels_query WHERE qrels = @id ORDER BY ordinal",
                     new { id }))
        {
            if (!row.Holds || row.Ordinal != ordinal++) return null;
            foreach (var (document, label) in JsonSerializer.Deserialize<Dictionary<string, int>>(row.Labels)!)
                qrels.Add(row.Qid, document, label);
        }
        return qrels;
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

    /// <summary>A row that carries a check value.</summary>
    abstract record CheckedRow
    {
        public bool Holds { get; init; }
    }

    sealed record MeasureRow : CheckedRow
    {
        public long Run { get; init; }
        public string Name { get; init; } = "";
        public double Value { get; init; }
    }

    sealed record QrelsQueryRow : CheckedRow
    {
        public int Ordinal { get; init; }
        public string Qid { get; init; } = "";
        public string Labels { get; init; } = "";
    }

    sealed record CandidateQueryRow : CheckedRow
    {
        public int Ordinal { get; init; }
        public string Qid { get; init; } = "";
        public long? Query { get; init; }
        public byte[] Documents { get; init; } = [];
        public byte[]? Scores { get; init; }
        public byte[]? Pairs { get; init; }
    }

    sealed record LogitsRow : CheckedRow
    {
        public byte[] Data { get; init; } = [];
        public byte[] Hash { get; init; } = [];
    }

    /// <summary>A row of the run table; its properties are named after the columns.</summary>
    sealed record RunRow : CheckedRow
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
