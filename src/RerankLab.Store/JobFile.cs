using System.Text.Json;
using Dapper;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Runs;
using RerankLab.Core.Scoring;

namespace RerankLab.Store;

/// <summary>What was packed.</summary>
/// <param name="Pairs">Distinct pairs of the experiment.</param>
/// <param name="Cached">Those whose scores are in the job.</param>
/// <param name="Texts">Distinct texts in the job.</param>
/// <param name="Bytes">The file's size.</param>
public sealed record PackReport(int Pairs, int Cached, int Texts, long Bytes);

/// <summary>A lab file that holds a job: an experiment with what a machine needs to run it without the experiment's files.</summary>
public static class JobFile
{
    static ReadOnlySpan<byte> SqliteHeader => "SQLite format 3\0"u8;

    /// <summary>Whether a file is a database, and so no experiment file.</summary>
    public static bool IsDatabase(DataFile file)
    {
        if (!file.Exists) return false;
        try
        {
            using var stream = file.OpenRead();
            Span<byte> header = stackalloc byte[SqliteHeader.Length];
            int length = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            return header[..length].SequenceEqual(SqliteHeader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The job of a lab file.</summary>
    /// <exception cref="UserError">It is no lab file, has no job, or one that is damaged.</exception>
    public static Job Read(string path, Action<string> note)
    {
        using var lab = LabFile.OpenForReading(path, note);
        if (lab.Connection.QuerySingleOrDefault<JobRow>(
                $"""
                SELECT experiment, overrides, experiment_path AS ExperimentPath, candidates, qrels, is_ordered AS IsOrdered,
                    {RowCheck.Holds("job")} AS holds
                FROM job
                """) is not { } job)
            throw new UserError($"{path}: there is no job in this lab file",
                "rlab run takes an experiment file, or a file made by: rlab cache pack EXPERIMENT.yaml -o job.db");
        if (!job.Holds) throw lab.Damaged("its job");
        var (candidates, keys, qrels) = new RunStore(lab).LoadLists(job.Candidates, job.Qrels, "its job");
        var (pool, texts) = ReadTexts(lab, keys!);
        var dataset = new Dataset([.. candidates], texts, pool, qrels, job.IsOrdered, []) { Keys = [.. keys!] };
        return new Job(job.Experiment, JsonSerializer.Deserialize<string[]>(job.Overrides)!, job.ExperimentPath, dataset);
    }

    /// <summary>Packs an experiment into a new file.</summary>
    /// <param name="path">The file; there must be none.</param>
    /// <param name="experiment">The experiment.</param>
    /// <param name="scorer">Its scorer; null where neither the model is at hand nor the lab file knows it.</param>
    /// <param name="lab">Whose scores are packed; one that does not exist has none.</param>
    /// <param name="withTexts">Whether to pack the texts of the pairs that have no score.</param>
    /// <param name="note">Is told, in a sentence, what the user should know.</param>
    /// <exception cref="UserError">The file is there already, or cannot be made.</exception>
    public static PackReport Write(
        string path, Experiment experiment, ScorerIdentity? scorer, LabFile lab, bool withTexts, Action<string> note)
    {
        if (Path.Exists(path)) throw new UserError($"{path}: this file exists already", "name another, or delete it");
        var (dataset, spec) = (experiment.Dataset, experiment.Spec);
        var keys = PairKeys.Of(dataset);
        var known = new PairScores(keys);
        if (scorer is not null) new ScoreCache(lab).Find(scorer, keys, known);
        var missing = MissingPairs.Of(dataset, keys, known);

        using var writing = WholeLab.Open(path, note);
        var job = writing.Lab;
        int texts = 0;
        using (var transaction = job.BeginTransaction())
        {
            if (scorer is not null && lab.Exists) CopyScores(lab, scorer, keys, job);
            var (candidates, qrels) = new RunStore(job).KeepLists(new RunData(dataset.Candidates, keys, null, dataset.Qrels));
            job.Connection.Execute(
                """
                INSERT INTO job (id, experiment, overrides, experiment_path, candidates, qrels, is_ordered)
                VALUES (1, @Text, @overrides, @path, @candidates, @qrels, @HasFirstStageOrder)
                """,
                new
                {
                    spec.Text,
                    overrides = JsonSerializer.Serialize(spec.Overrides),
                    path = Path.GetRelativePath(lab.Folder, spec.File.FullPath).Replace('\\', '/'),
                    candidates,
                    qrels,
                    dataset.HasFirstStageOrder,
                });
            RowCheck.Set(job.Connection, "job", "id = 1", new { });
            if (withTexts) texts = WriteTexts(job, dataset, missing);
            transaction.Commit();
        }
        writing.Keep();
        return new PackReport(missing.DistinctPairs, missing.Hits, texts, new FileInfo(path).Length);
    }

    /// <summary>Copies the scores that a scorer gave to these pairs, with their sessions; what is damaged is left out.</summary>
    static void CopyScores(LabFile lab, ScorerIdentity scorer, QueryKeys[] keys, LabFile job)
    {
        const string find = "SELECT id FROM scorer WHERE fingerprint = @Fingerprint";
        if (lab.Connection.ExecuteScalar<long?>($"{find} AND {RowCheck.Holds("scorer")}", scorer) is not { } id) return;
        RowCopy.Scorer(lab, id, job);
        using var rows = new ScoreRows(lab, id, scorer.Fingerprint);
        using var writer = new ScoreRowWriter(job, job.Connection.ExecuteScalar<long>(find, scorer));
        var sessions = new Dictionary<long, long>();
        foreach (var query in keys.GroupBy(k => k.Query).OrderBy(g => g.Key))
            foreach (var pair in query.SelectMany(k => k.Pairs).Distinct().OrderBy(p => p.Value))
            {
                if (rows.Find(query.Key, pair) is not { Holds: true } row) continue;
                if (!sessions.TryGetValue(row.Session, out long session))
                    sessions.Add(row.Session, session = RowCopy.Session(lab, row.Session, job));
                writer.Write(row, session, replaces: false);
            }
    }

    /// <summary>Writes the texts of the missing pairs, each distinct one once; how many.</summary>
    static int WriteTexts(LabFile job, Dataset dataset, MissingPairs missing)
    {
        var numbers = new Dictionary<int, long>();
        var ids = new Dictionary<string, long>();
        foreach (var query in missing.Pairs.GroupBy(m => m.Query).OrderBy(g => g.Key))
        {
            var texts = dataset.CandidateTexts[query.Key];
            var passages = new long?[texts.Passages.Length];
            foreach (var pair in query) passages[pair.Candidate] = Keep(texts.Passages[pair.Candidate]);
            job.Connection.Execute("INSERT INTO job_query (ordinal, query, passages) VALUES (@Key, @text, @passages)",
                new { query.Key, text = Keep(texts.Query), passages = JsonSerializer.Serialize(passages) });
        }
        return ids.Count;

        long Keep(int number)
        {
            if (numbers.TryGetValue(number, out long id)) return id;
            var text = dataset.Texts[number];
            if (!ids.TryGetValue(text, out id))
            {
                ids.Add(text, id = ids.Count + 1);
                job.Connection.Execute("INSERT INTO job_text (id, text) VALUES (@id, @bytes)",
                    new { id, bytes = dataset.Texts.Utf8(number).ToArray() });
            }
            numbers.Add(number, id);
            return id;
        }
    }

    /// <summary>The packed texts, each of them one that its key tells; others are absent.</summary>
    static (TextPool Pool, IReadOnlyList<CandidateTexts> Texts) ReadTexts(LabFile lab, IReadOnlyList<QueryKeys> keys)
    {
        var (pool, numbers) = (new TextPool(), new Dictionary<long, int>());
        foreach (var (id, text) in lab.Connection.Query<(long, byte[])>("SELECT id, text FROM job_text", buffered: false))
            numbers.Add(id, pool.Add(text));
        var texts = keys.Select(k => new CandidateTexts(TextPool.Absent, Array.ConvertAll(k.Pairs, _ => TextPool.Absent))).ToArray();
        foreach (var (ordinal, query, passages) in lab.Connection.Query<(int, long?, string)>(
                     "SELECT ordinal, query, passages FROM job_query").ToList())
        {
            if (ordinal < 0 || ordinal >= keys.Count) throw lab.Damaged("the texts of its job");
            var list = new CandidateTexts(Number(query), [.. JsonSerializer.Deserialize<long?[]>(passages)!.Select(Number)]);
            if (!AreThoseOf(list, keys[ordinal], pool)) throw lab.Damaged("the texts of its job are not those of its candidates");
            texts[ordinal] = list;
        }
        return (pool, texts);

        int Number(long? id) => id is { } known && numbers.TryGetValue(known, out int number) ? number : TextPool.Absent;
    }

    static bool AreThoseOf(CandidateTexts list, QueryKeys keys, TextPool pool)
    {
        if (list.Query == TextPool.Absent || list.Passages.Length != keys.Pairs.Length) return false;
        var packed = Enumerable.Range(0, list.Passages.Length).Where(c => list.Passages[c] != TextPool.Absent).ToArray();
        var made = PairKeys.Of(list with { Passages = [.. packed.Select(c => list.Passages[c])] }, pool);
        return made.Query == keys.Query && made.Pairs.SequenceEqual(packed.Select(c => keys.Pairs[c]));
    }

    sealed record JobRow
    {
        public string Experiment { get; init; } = "";
        public string Overrides { get; init; } = "";
        public string ExperimentPath { get; init; } = "";
        public long Candidates { get; init; }
        public long? Qrels { get; init; }
        public bool IsOrdered { get; init; }
        public bool Holds { get; init; }
    }
}
