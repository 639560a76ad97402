using Dapper;
using RerankLab.Core;
using SQLitePCL;

namespace RerankLab.Store;

/// <summary>A user's query of a lab file. It can read the file's tables and views, and nothing else: no other file, no change.</summary>
public sealed class SqlQuery : IDisposable
{
    /// <summary>Pragmas that only tell something.</summary>
    static readonly HashSet<string> PragmasThatTell = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_id", "compile_options", "database_list", "encoding", "foreign_key_check", "foreign_key_list", "freelist_count",
        "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "page_count", "page_size", "quick_check",
        "schema_version", "table_info", "table_list", "table_xinfo", "user_version",
    };

    /// <summary>Of these an argument is a value to set, not a name to tell of.</summary>
    static readonly HashSet<string> PragmasThatSet = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_id", "encoding", "page_size", "schema_version", "user_version",
    };

    readonly sqlite3 _connection;
    readonly sqlite3_stmt _statement;

    /// <param name="lab">The lab file, opened for reading.</param>
    /// <param name="sql">One statement.</param>
    /// <exception cref="UserError">
    /// SQLite's message: it is no SQL, names what is not there, or would do more than read; or it is several statements.
    /// </exception>
    public SqlQuery(LabFile lab, string sql)
    {
        _connection = lab.Connection.Handle!;
        lab.Connection.Execute("PRAGMA query_only = ON");
        raw.sqlite3_set_authorizer(_connection, Authorize, null);
        int result = raw.sqlite3_prepare_v2(_connection, sql, out _statement, out var rest);
        if (result == raw.SQLITE_AUTH) throw OnlyReads(Message());
        if (result != raw.SQLITE_OK)
            throw new UserError(Message(),
                "rlab sql \"select name, sql from sqlite_schema\" shows tables and views; docs/sql.md explains them");
        if (_statement.IsInvalid)
            throw new UserError("there is no statement in this SQL", "for example: rlab sql \"select * from leaderboard\"");
        // VACUUM INTO is prepared without a question to the authorizer.
        int columns = raw.sqlite3_column_count(_statement);
        if (columns == 0 || raw.sqlite3_stmt_readonly(_statement) == 0) throw OnlyReads("this statement gives no rows");
        if (!IsEmpty(rest)) throw new UserError("expected one statement, found several", "run rlab sql once for each");
        Columns = Distinct([.. Enumerable.Range(0, columns).Select(c => raw.sqlite3_column_name(_statement, c).utf8_to_string())]);
    }

    /// <summary>Names, each once: a second <c>x</c> is <c>x_2</c>.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The rows, read as they are asked for: integers, reals, texts, blobs as lower-case hex, null.</summary>
    /// <exception cref="UserError">SQLite's message.</exception>
    public IEnumerable<object?[]> Rows()
    {
        while (true)
        {
            int result = raw.sqlite3_step(_statement);
            if (result == raw.SQLITE_DONE) yield break;
            if (result != raw.SQLITE_ROW) throw new UserError(Message());
            yield return [.. Enumerable.Range(0, Columns.Count).Select(Value)];
        }
    }

    public void Dispose()
    {
        _statement.Dispose();
        raw.sqlite3_set_authorizer(_connection, (strdelegate_authorizer?)null, null);
    }

    object? Value(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(_statement, column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(_statement, column),
        raw.SQLITE_NULL => null,
        raw.SQLITE_BLOB => Convert.ToHexStringLower(raw.sqlite3_column_blob(_statement, column)),
        // By its length: a text may hold U+0000.
        _ => System.Text.Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column)),
    };

    static UserError OnlyReads(string why) =>
        new($"{why}: rlab sql only reads the lab file", "expected one SELECT (or WITH, VALUES, EXPLAIN, or a PRAGMA that tells something)");

    string Message() => raw.sqlite3_errmsg(_connection).utf8_to_string();

    /// <summary>White space, comments and semicolons are no statement.</summary>
    bool IsEmpty(string sql)
    {
        while (sql.Length > 0)
        {
            int result = raw.sqlite3_prepare_v2(_connection, sql, out var next, out var rest);
            using var _ = next;
            if (result != raw.SQLITE_OK || !next.IsInvalid) return false;
            if (rest.Length == sql.Length) return true;
            sql = rest;
        }
        return true;
    }

    static int Authorize(object user, int action, string? first, string? second, string? database, string? inner) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
        raw.SQLITE_FUNCTION when second is not "load_extension" => raw.SQLITE_OK,
        raw.SQLITE_PRAGMA when first is not null && OnlyTells(first, second) => raw.SQLITE_OK,
        _ => raw.SQLITE_DENY,
    };

    static bool OnlyTells(string pragma, string? argument) =>
        PragmasThatTell.Contains(pragma) && (argument is null || !PragmasThatSet.Contains(pragma));

    static string[] Distinct(string[] names)
    {
        var seen = new HashSet<string>();
        for (int i = 0; i < names.Length; i++)
            for (var (name, n) = (names[i], 2); !seen.Add(names[i]); n++) names[i] = $"{name}_{n}";
        return names;
    }
}
