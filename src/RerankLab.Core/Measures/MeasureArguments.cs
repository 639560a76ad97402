using System.Globalization;
using System.Text.RegularExpressions;

namespace RerankLab.Core.Measures;

/// <summary>
/// What a measure's name says beside the family. Each argument is asked for by the family; what nobody asked for is
/// refused.
/// </summary>
sealed class MeasureArguments
{
    readonly string _text, _example;
    readonly Dictionary<string, string> _parameters = [];
    readonly List<string> _known = [];
    int? _cutoff;

    public MeasureArguments(string text, Match match, string example)
    {
        (_text, _example, Name) = (text, example, match.Groups["name"].Value);
        if (match.Groups["cutoff"] is { Success: true } digits)
            _cutoff = int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);
        const StringSplitOptions options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (var parameter in match.Groups["parameters"].Value.Split(',', options))
        {
            if (parameter.Split('=', StringSplitOptions.TrimEntries) is not [var name, var value])
                throw Wrong($"expected name=value between the brackets, found '{parameter}'");
            if (!_parameters.TryAdd(name, value)) throw Wrong($"{name} is given twice");
        }
    }

    /// <summary>The family's name as written.</summary>
    public string Name { get; }

    public int? Cutoff()
    {
        var cutoff = _cutoff;
        _cutoff = null;
        return cutoff is 0 ? throw NeedsCutoff() : cutoff;
    }

    public int NeededCutoff() => Cutoff() ?? throw NeedsCutoff();

    /// <summary>The least label that counts as relevant.</summary>
    public int Rel() => RelIfGiven() ?? 1;

    public int? RelIfGiven() =>
        Take("rel") is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rel) ? rel
        : throw Wrong($"rel must be a label of 0 or more, found '{text}'");

    public double Number(string name, double standard, Func<double, bool> isGood, string range) =>
        Take(name) is not { } text ? standard
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isGood(number)
            ? number
        : throw Wrong($"{name} must be a number {range}, found '{text}'");

    /// <summary>One of several words, the first where none is given.</summary>
    public string Choice(string name, params string[] words) =>
        Take(name)?.Trim('\'', '"') is not { } word ? words[0]
        : words.Contains(word) ? word
        : throw Wrong($"{name} must be {string.Join(" or ", words.Select(w => $"'{w}'"))}, found '{word}'");

    public void ThrowIfAnyIsLeft()
    {
        if (_cutoff is not null) throw Wrong($"{_example} takes no cut-off");
        if (_parameters.Count == 0) return;
        var known = _known.Count == 0 ? "no parameters" : string.Join(" and ", _known);
        throw Wrong($"{_example} takes {known}, found {_parameters.Keys.First()}");
    }

    string? Take(string name)
    {
        _known.Add(name);
        return _parameters.Remove(name, out var value) ? value : null;
    }

    FormatException NeedsCutoff() => new($"'{_text}' needs a cut-off of at least 1, as in {_example}");

    FormatException Wrong(string what) => new($"'{_text}': {what}");
}
