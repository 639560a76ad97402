namespace RerankLab.Core;

/// <summary>
/// One thing wrong with the input: the file as the user named it, the 1-based line, what was expected, what to do where it is not plain.
/// </summary>
public readonly record struct Problem(string? File, long? Line, string Text, string? Remedy = null)
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

    public void Add(string file, long? line, string text, string? remedy = null)
    {
        int count = _countByFile[file] = _countByFile.GetValueOrDefault(file) + 1;
        if (count <= ShownPerFile) _kept.Add(new Problem(file, line, text, remedy));
    }

    /// <summary>What was found, in the order found, and how many problems of a file are not listed.</summary>
    public IReadOnlyList<Problem> Found =>
    [
        .. _kept,
        .. from file in _countByFile
           where file.Value > ShownPerFile
           select new Problem(file.Key, null, $"and {file.Value - ShownPerFile} more problems in this file"),
    ];

    /// <param name="hint">What to do; else the remedies of the problems.</param>
    /// <exception cref="UserError">Something was found.</exception>
    public void ThrowIfAny(string? hint = null)
    {
        if (None) return;
        var remedies = _kept.Select(p => p.Remedy).OfType<string>().Distinct().ToList();
        throw new UserError(Found, hint ?? (remedies.Count > 0 ? string.Join("; ", remedies) : null));
    }
}
