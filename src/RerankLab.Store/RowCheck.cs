using System.Buffers.Binary;
using System.Numerics;
using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core.Keys;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>
/// CRC-32C of a row's values, kept in the row: whether it is still what was written. A byte that was flipped is always found, any
/// other damage but for one case in 2^32 (2^24 in a score, which keeps the upper 24 bits).
/// </summary>
/// <remarks>
/// Of each value its SQLite type (1 integer, 2 real, 3 text, 4 blob, 5 null) as one byte; then an integer or a real in 8 bytes, or
/// a text (UTF-8) or a blob as its length in 8 bytes and its bytes; numbers little-endian. The result is a signed 32-bit integer.
/// </remarks>
static class RowCheck
{
    /// <summary>The expression that gives each table's crc, over its unaliased row; the same as in the migrations.</summary>
    public static readonly IReadOnlyDictionary<string, string> Expressions = new Dictionary<string, string>
    {
        ["scorer"] = "crc32c(scorer.fingerprint, scorer.kind, scorer.spec)",
        ["scorer_name"] = $"crc32c(scorer_name.name, scorer_name.precision, {Of("scorer", "fingerprint", "scorer_name.scorer")})",
        ["session"] = "crc32c(session.uid, session.started, session.device, session.provider, session.versions, session.host)",
        ["score"] = $"crc32c({Of("scorer", "fingerprint", "score.scorer")}, score.query, score.pair, score.logit, score.tokens) >> 8",
        ["candidate_query"] = $"""
            crc32c({Of("candidates", "fingerprint", "candidate_query.candidates")}, candidate_query.ordinal, candidate_query.qid,
                candidate_query.query, candidate_query.documents, candidate_query.scores, candidate_query.pairs)
            """,
        ["qrels_query"] = $"""
            crc32c({Of("qrels", "fingerprint", "qrels_query.qrels")}, qrels_query.ordinal, qrels_query.qid, qrels_query.labels)
            """,
        ["run"] = $"""
            crc32c(run.uid, run.started, run.status, run.depth, run.experiment, run.overrides, run.experiment_path, run.setup,
                {Of("candidates", "fingerprint", "run.candidates")}, {Of("scorer", "fingerprint", "run.scorer")},
                {Of("qrels", "fingerprint", "run.qrels")}, {Of("session", "uid", "run.session")},
                run.queries, run.pairs, run.unique_pairs, run.hits, run.misses, run.scored, run.truncated, run.tokens, run.padded_tokens,
                run.seconds, run.cost, run.currency, run.environment, run.git_commit, run.git_dirty)
            """,
        ["run_query"] = $"crc32c({Of("run", "uid", "run_query.run")}, run_query.ordinal, {Of("logits", "hash", "run_query.logits")})",
        ["measure"] = $"""
            crc32c({Of("run", "uid", "measure.run")}, {Of("qrels", "fingerprint", "measure.qrels")},
                measure.query, measure.name, measure.value)
            """,
        ["job"] = $"""
            crc32c(job.experiment, job.overrides, job.experiment_path, {Of("candidates", "fingerprint", "job.candidates")},
                {Of("qrels", "fingerprint", "job.qrels")}, job.is_ordered)
            """,
        ["submission"] = $"""
            crc32c(submission.uid, {Of("run", "uid", "submission.run")}, submission.at, submission.board, submission.public_score,
                submission.private_score, submission.note)
            """,
    };

    /// <summary>The condition that a row of this table is what was written.</summary>
    public static string Holds(string table) => $"{table}.crc = {Expressions[table]}";

    /// <summary>Sets crc in the rows that a condition names: they were just written.</summary>
    public static void Set(SqliteConnection connection, string table, string where, object parameters) =>
        connection.Execute($"UPDATE {table} SET crc = {Expressions[table]} WHERE {where}", parameters);

    /// <summary>What the check of every score of one scorer begins with.</summary>
    public static uint OfScorer(ReadOnlySpan<byte> fingerprint) => Add(uint.MaxValue, raw.SQLITE_TEXT, fingerprint);

    /// <summary>The check of a score.</summary>
    public static int OfScore(uint ofScorer, long query, PairKey pair, double logit, int tokens)
    {
        uint crc = Add(ofScorer, raw.SQLITE_INTEGER, query);
        crc = Add(BitOperations.Crc32C(crc, (byte)raw.SQLITE_BLOB), (long)PairKey.Size);
        // Bytes in the key's order, which is big-endian.
        crc = Add(crc, BinaryPrimitives.ReverseEndianness((long)(pair.Value >> 64)));
        crc = Add(crc, BinaryPrimitives.ReverseEndianness((long)pair.Value));
        crc = Add(crc, raw.SQLITE_FLOAT, BitConverter.DoubleToInt64Bits(logit));
        return End(Add(crc, raw.SQLITE_INTEGER, tokens)) >> 8;
    }

    /// <summary>Gives a connection <c>crc32c(…)</c>.</summary>
    public static void AddFunction(sqlite3 connection)
    {
        const int flags = raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC;
        raw.sqlite3_create_function(connection, "crc32c", -1, flags, null, static (context, _, values) =>
        {
            uint crc = uint.MaxValue;
            foreach (var value in values) crc = Add(crc, value);
            raw.sqlite3_result_int(context, End(crc));
        });
    }

    static uint Add(uint crc, sqlite3_value value) => raw.sqlite3_value_type(value) switch
    {
        raw.SQLITE_INTEGER => Add(crc, raw.SQLITE_INTEGER, raw.sqlite3_value_int64(value)),
        raw.SQLITE_FLOAT => Add(crc, raw.SQLITE_FLOAT, BitConverter.DoubleToInt64Bits(raw.sqlite3_value_double(value))),
        raw.SQLITE_NULL => BitOperations.Crc32C(crc, (byte)raw.SQLITE_NULL),
        // The bytes of a text are its UTF-8, without a conversion.
        var type => Add(crc, type, raw.sqlite3_value_blob(value)),
    };

    static uint Add(uint crc, int type, long number) => Add(BitOperations.Crc32C(crc, (byte)type), number);

    static uint Add(uint crc, int type, ReadOnlySpan<byte> bytes)
    {
        crc = Add(crc, type, bytes.Length);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    static uint Add(uint crc, long number) => BitOperations.Crc32C(crc, (ulong)number);

    static int End(uint crc) => (int)~crc;

    static string Of(string table, string column, string id) => $"(SELECT {table}.{column} FROM {table} WHERE {table}.id = {id})";
}
