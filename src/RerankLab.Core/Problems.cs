namespace RerankLab.Core;

/// <summary>One thing wrong with the input: the file as the user named it, the 1-based line, what was expected.</summary>
public readonly record struct Problem(string? File, long? Line, string Text)
{
    /// <summary><c>file:line: text</c>, <c>file: text</c> or <c>text</c>.</summary>
    public override string ToString() =>
        (File, Line) switch
        {
            (null, _) => Text,
            (_, null) => $"{File}: {Text}",
            _ => $"{File}:{Line}: {Text}",
        };
}

/// <summary>
/// Collects what is wrong with an experiment and its files, so that all of it is reported together. Of each file the
/// first <see cref="ShownPerFile"/> problems are kept and the rest counted: a file of the wrong kind is wrong on
/// every line.
/// </summary>
public sealed class Problems
{
    const int ShownPerFile = 20;

    readonly List<Problem> _kept = [];
    readonly Dictionary<string, int> _countByFile = [];

    /// <summary>True when nothing has been found so far.</summary>
    public bool None => _kept.Count == 0;

    public void Add(string file, long? line, string text)
    {
        int count = _countByFile[file] = _countByFile.GetValueOrDefault(file) + 1;
        if (count <= ShownPerFile) _kept.Add(new Problem(file, line, text));
    }

    /// <exception cref="UserError">Something was found.</exception>
    public void ThrowIfAny(string? hint = null)
    {
        if (None) return;
        var more = from file in _countByFile
                   where file.Value > ShownPerFile
                   select new Problem(file.Key, null, $"and {file.Value - ShownPerFile} more problems in this file");
        throw new UserError([.. _kept, .. more], hint);
    }
}
