// The lab file's hot paths, by themselves. Prints "what<TAB>value<TAB>unit".
//   fill LAB QUERIES              scores of QUERIES x 100 pairs, a query at a time
//   fill-banded LAB QUERIES       the same in the order in which a run scores: ranks 1-10 of all queries, then 11-20, 21-50, 51-100
//   lookup LAB QUERIES PAIRS      PAIRS of them, all of 100 a query, spread over the file: hashed, found, assembled; three rounds
//   few LAB QUERIES WANTED        WANTED of the 100 pairs of 10,000 queries
//   jsonl FILE QUERIES some|all   the first QUERIES as an experiment's candidates, four of a hundred judged, or all
//   tsv FILE QUERIES              the same as MS MARCO pairs
//   collection FOLDER QUERIES     the same as queries.tsv, corpus.jsonl, run.trec
//   qrels FILE QUERIES some|all   the judgements that are in the JSON lines
//   model FOLDER 0                a cross-encoder that costs next to nothing a pair
//   plan EXPERIMENT 0             reads an experiment and plans to score all of its pairs
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using RerankLab.Core;
using RerankLab.Core.Datasets;
using RerankLab.Core.Experiments;
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Store;

const int PairsAQuery = 100, BytesAPair = 350, QueriesAtOnce = 5_000;
var scorer = ScorerIdentity.Of("onnx", "bench", "fp32",
    new Dictionary<string, JsonNode> { ["max_length"] = 512, ["truncation"] = "longest_first" });
var (command, path, queries) = (args[0], args[1], int.Parse(args[2]));
bool judgesAll = args is [.., "all"];
switch (command)
{
    case "fill": Fill([(0, PairsAQuery)]); break;
    case "fill-banded": Fill([(0, 10), (10, 20), (20, 50), (50, 100)]); break;
    case "lookup": LookUp(int.Parse(args[3]) / PairsAQuery, PairsAQuery, rounds: 6); break;
    case "few": LookUp(Math.Min(queries, 10_000), int.Parse(args[3]), rounds: 3); break;
    case "jsonl": WriteJsonLines(); break;
    case "tsv": WriteMsMarcoPairs(); break;
    case "collection": WriteCollection(); break;
    case "qrels": WriteQrels(); break;
    case "model": TinyModel.Write(path); break;
    case "plan": Plan(); break;
}

void Fill((int From, int To)[] bands)
{
    var (inserting, cpu) = (new Stopwatch(), TimeSpan.Zero);
    LabFile lab;
    using (lab = LabFile.OpenForWriting(path))
    {
        var writer = new ScoreCache(lab).BeginSession(scorer, new ScorerBackend("bench", "bench", new Dictionary<string, string>()));
        foreach (var (from, to) in bands)
            for (int first = 0; first < queries; first += QueriesAtOnce)
            {
                var some = Enumerable.Range(first, Math.Min(QueriesAtOnce, queries - first)).ToArray();
                var keys = PairKeys.Of(DatasetOf(some, PairsAQuery));
                var before = Environment.CpuUsage.TotalTime;
                inserting.Start();
                for (int q = 0; q < some.Length; q++)
                {
                    for (int i = from; i < to; i++) writer.Add(keys[q].Query, keys[q].Pairs[i], Logit(some[q], i), 60 + i);
                    writer.CommitIfDue();
                }
                inserting.Stop();
                cpu += Environment.CpuUsage.TotalTime - before;
            }
        inserting.Start();
        writer.Dispose();
        inserting.Stop();
        var closing = Stopwatch.StartNew();
        lab.Dispose();
        Print("close to one file", closing.Elapsed.TotalSeconds, "s");
    }
    double scores = (double)queries * PairsAQuery;
    Print("insertion", scores / inserting.Elapsed.TotalSeconds, "scores/s");
    Print("processor time of insertion", cpu.TotalMicroseconds / scores, "µs a score");
    Print("bytes a score", new FileInfo(path).Length / scores, "bytes");
}

void LookUp(int wantedQueries, int pairsAQuery, int rounds)
{
    var data = DatasetOf([.. Enumerable.Range(0, wantedQueries).Select(i => (int)((long)i * queries / wantedQueries))], pairsAQuery);
    double pairs = (double)wantedQueries * pairsAQuery;
    for (int round = 0; round < rounds; round++)
    {
        string name = round == 0 ? "first" : "warm";
        var (clock, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        using var lab = LabFile.OpenForReading(path);
        double opened = clock.Elapsed.TotalSeconds;
        var keys = PairKeys.Of(data);
        if (pairsAQuery == PairsAQuery)
            Print($"processor time of hashing, {name}", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / pairs, "µs a pair");
        double hashed = clock.Elapsed.TotalSeconds;
        var scores = new PairScores(keys);
        new ScoreCache(lab).Find(scorer, keys, scores);
        double found = clock.Elapsed.TotalSeconds;
        if (scores.CompleteDepth() != pairsAQuery) throw new InvalidOperationException("not every pair was found");
        if (pairsAQuery == PairsAQuery)
        {
            Print($"open, {name}", opened * 1000, "ms");
            Print($"hash, {name}", pairs / (hashed - opened), "pairs/s");
            Print($"find and assemble, {name}", pairs / (found - hashed), "pairs/s");
        }
        Print($"look-up of {pairsAQuery} a query end to end, {name}", pairs / found, "pairs/s");
        Print($"processor time of it, {name}", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / pairs, "µs a pair");
    }
}

void WriteJsonLines()
{
    using var file = new StreamWriter(path);
    for (int q = 0; q < queries; q++)
    {
        var passages = Enumerable.Range(0, PairsAQuery).Select(i =>
            $$"""{"id": "d{{q}}-{{i}}", "text": "{{Passage(q, i)}}"{{(Label(i) is { } label ? $", \"label\": {label}" : "")}}}""");
        file.WriteLine($$"""{"id": "q{{q}}", "query": "{{Query(q)}}", "passages": [{{string.Join(", ", passages)}}]}""");
    }
}

void WriteMsMarcoPairs()
{
    using var file = new StreamWriter(path);
    for (int q = 0; q < queries; q++)
        for (int i = 0; i < PairsAQuery; i++) file.WriteLine($"q{q}\td{q}-{i}\t{Query(q)}\t{Passage(q, i)}");
}

void WriteCollection()
{
    using var questions = new StreamWriter(Path.Combine(path, "queries.tsv"));
    using var corpus = new StreamWriter(Path.Combine(path, "corpus.jsonl"));
    using var run = new StreamWriter(Path.Combine(path, "run.trec"));
    for (int q = 0; q < queries; q++)
    {
        questions.WriteLine($"q{q}\t{Query(q)}");
        for (int i = 0; i < PairsAQuery; i++)
        {
            corpus.WriteLine($$"""{"_id": "d{{q}}-{{i}}", "title": "", "text": "{{Passage(q, i)}}"}""");
            run.WriteLine($"q{q} Q0 d{q}-{i} {i + 1} {1000 - i} bench");
        }
    }
}

void WriteQrels()
{
    using var file = new StreamWriter(path);
    for (int q = 0; q < queries; q++)
        for (int i = 0; i < PairsAQuery; i++)
            if (Label(i) is { } label) file.WriteLine($"q{q} 0 d{q}-{i} {label}");
}

void Plan()
{
    var problems = new Problems();
    var clock = Stopwatch.StartNew();
    var spec = ExperimentFile.Read(DataFile.FromCommandLine(path), [], problems);
    using var dataset = DatasetReader.Read(spec!.Dataset, problems);
    problems.ThrowIfAny();
    double read = clock.Elapsed.TotalSeconds;
    var keys = PairKeys.Of(dataset);
    double hashed = clock.Elapsed.TotalSeconds;
    var scores = new PairScores(keys);
    var missing = MissingPairs.Of(dataset, keys, scores);
    double planned = clock.Elapsed.TotalSeconds;
    double pairs = missing.Pairs.Count;
    Print("read", pairs / read, "pairs/s");
    Print("hash", pairs / (hashed - read), "pairs/s");
    Print("plan", pairs / (planned - hashed), "pairs/s");
    GC.KeepAlive(keys);
    GC.KeepAlive(scores);
}

static Dataset DatasetOf(int[] numbers, int pairsAQuery)
{
    // All in memory: what is measured is the lab file.
    var (pool, candidates, texts) = (new TextPool(inMemory: long.MaxValue), new List<CandidateQuery>(), new List<CandidateTexts>());
    var ids = Enumerable.Range(0, pairsAQuery).Select(i => $"d{i}").ToArray();
    foreach (int q in numbers)
    {
        candidates.Add(new CandidateQuery($"q{q}", [.. ids], null));
        texts.Add(new CandidateTexts(pool.Add(Encoding.UTF8.GetBytes(Query(q))),
            [.. Enumerable.Range(0, pairsAQuery).Select(i => pool.Add(Encoding.UTF8.GetBytes(Passage(q, i))))]));
    }
    return new Dataset(candidates, texts, pool, null, true, []);
}

static string Query(int query) => $"query number {query:0000000}: how does it compare to others";

static string Passage(int query, int candidate)
{
    var begin = $"passage {candidate:000} of query {query:0000000}, ";
    return begin.PadRight(BytesAPair - Query(query).Length - 1, 'x');
}

// Four judgements a query, as collections have them; or every candidate judged, as in training data and small test sets.
int? Label(int candidate) => candidate % 25 == 3 ? 1 : judgesAll ? 0 : null;

static float Logit(int query, int candidate) => MathF.Sin(query * 0.37f + candidate) * 7;

static void Print(string what, double value, string unit) =>
    Console.WriteLine($"{what}\t{(value < 1000 ? value.ToString("0.00") : value.ToString("0"))}\t{unit}");
