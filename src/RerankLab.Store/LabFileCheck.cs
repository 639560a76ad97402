using Dapper;
using Microsoft.Data.Sqlite;
using RerankLab.Core;
using RerankLab.Core.Diagnosis;

namespace RerankLab.Store;

/// <summary>The health of a lab file. Looks, and changes nothing.</summary>
public static class LabFileCheck
{
    const string Check = "lab file";

    /// <param name="path">The lab file as the user named it.</param>
    public static IEnumerable<Finding> Of(string path)
    {
        if (NetworkFileSystem.Of(Path.GetDirectoryName(Path.GetFullPath(path))!) is { } type)
            yield return Finding.Warning("lab file's disk",
                $"{path} lies on a network file system ({type}), where SQLite's write-ahead log is not safe: runs write it the slow way",
                "keep the lab file on a local disk while runs write to it, and copy it when they have ended");
        if (!File.Exists(path))
        {
            yield return Directory.Exists(path) ? Finding.Problem(Check, $"{path} is a folder", "name a file with --lab")
                : Finding.Ok(Check, $"there is no {path} yet: rlab run makes it");
            yield break;
        }
        if (!CanBeWritten(path))
            yield return Finding.Warning(Check, $"{path} is read-only: it can be evaluated, but no run can be added",
                "copy it to where you can write, and name the copy with --lab");
        if (LeftBehind(path) is { } leftBehind) yield return leftBehind;
        foreach (var finding in Open(path)) yield return finding;
    }

    static bool CanBeWritten(string path)
    {
        try
        {
            using var _ = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Committed scores that stand outside of the file.</summary>
    static Finding? LeftBehind(string path)
    {
        var log = new FileInfo(path + "-wal");
        return log is { Exists: true, Length: > 0 }
            ? Finding.Warning(Check,
                $"{log.Name} ({ByteSize.Shown(log.Length)}) holds the newest scores: a run is writing, or one was killed",
                $"copy {path}* together, never {Path.GetFileName(path)} alone; the next rlab run folds it in")
            : null;
    }

    static IEnumerable<Finding> Open(string path)
    {
        try
        {
            // Not OpenForReading, which brings an older file up to date: a check changes nothing.
            using var lab = LabFile.OpenIfCurrent(path, note: null);
            if (lab is null)
                return [Finding.Warning(Check, $"{path}: this lab file is of an older schema",
                    "the next command that opens it brings it up to date, and leaves a copy of the old file beside it")];
            var damage = lab.Connection.Query<string>("PRAGMA quick_check(1)").Single();
            if (damage != "ok") return [Damaged(damage)];
            long scores = lab.Connection.ExecuteScalar<long>("SELECT count(*) FROM score");
            long runs = lab.Connection.ExecuteScalar<long>("SELECT count(*) FROM run");
            int schema = lab.Connection.ExecuteScalar<int>("PRAGMA user_version");
            var size = ByteSize.Shown(new FileInfo(path).Length);
            return [Finding.Ok(Check, $"{path}: {size}, schema {schema}, {scores} scores, {runs} runs; quick_check ok")];
        }
        catch (UserError e)
        {
            return Finding.Of(Check, e);
        }
        catch (SqliteException e)
        {
            return LabFile.Explain(e, path) is { } explained ? Finding.Of(Check, explained) : [Damaged(e.Message)];
        }

        Finding Damaged(string what) => Finding.Of(Check, LabFile.Damaged(path, what)).Single();
    }
}
