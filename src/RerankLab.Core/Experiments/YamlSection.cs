using System.Globalization;
using RerankLab.Core.Datasets;
using YamlDotNet.RepresentationModel;

namespace RerankLab.Core.Experiments;

/// <summary>
/// A mapping of an experiment file that is read key by key. Missing keys, wrong types and keys that nobody asked for
/// are added to the problems with their line.
/// </summary>
sealed class YamlSection(YamlDocumentText document, string path, YamlMappingNode node, Problems problems)
{
    readonly List<string> _known = [];

    public bool Has(string key) => node.Children.ContainsKey(key);

    public string? Text(string key) => Scalar(key)?.Value;

    /// <summary>Every key with its value, for a section whose keys are another program's.</summary>
    public IReadOnlyDictionary<string, string> Texts()
    {
        var texts = new Dictionary<string, string>();
        foreach (var key in node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value!).ToList())
            if (Text(key) is { } text) texts[key] = text;
        return texts;
    }

    public string? RequiredText(string key)
    {
        if (!Has(key)) problems.Add(document.Shown, document.Line(node), $"the key {Path(key)} is missing");
        return Text(key);
    }

    public int? PositiveInteger(string key)
    {
        if (Scalar(key) is not { } scalar) return null;
        if (int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0) return value;
        Expected(key, scalar, "a whole number of at least 1");
        return null;
    }

    public double? NonNegativeNumber(string key)
    {
        if (Scalar(key) is not { } scalar) return null;
        if (double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value >= 0)
            return value;
        Expected(key, scalar, "a number of at least 0");
        return null;
    }

    /// <summary>A value that parses itself; null, and a problem, where <paramref name="parse"/> throws a FormatException.</summary>
    public T? Parsed<T>(string key, Func<string, T> parse) where T : class => Scalar(key) is { } scalar ? Parse(key, scalar, parse) : null;

    /// <summary>One of some words.</summary>
    public T Choice<T>(string key, T otherwise, params (string Word, T Value)[] choices)
    {
        if (Scalar(key) is not { } scalar) return otherwise;
        foreach (var (word, value) in choices)
            if (word == scalar.Value) return value;
        Expected(key, scalar, string.Join(" or ", choices.Select(c => c.Word)));
        return otherwise;
    }

    /// <summary>A list of values that parse themselves; a single value counts as a list of one. Null where the key is absent.</summary>
    public IReadOnlyList<T>? List<T>(string key, Func<string, T> parse) where T : class
    {
        if (Child(key) is not { } child) return null;
        var items = child is YamlSequenceNode sequence ? sequence.Children : [child];
        var values = new List<T>();
        foreach (var item in items)
            if (item is not YamlScalarNode { Value: not (null or "") } scalar) Expected(key, item, "a list of single values");
            else if (Parse(key, scalar, parse) is { } value) values.Add(value);
        return values;
    }

    /// <summary>A path, relative to the experiment file's folder.</summary>
    public DataFile? File(string key) => Scalar(key) is { } scalar ? document.FileNamed(scalar.Value!, scalar, Path(key)) : null;

    /// <summary>A nested mapping; empty where the key is absent.</summary>
    public YamlSection Section(string key)
    {
        var child = Child(key);
        if (child is not (null or YamlMappingNode)) Expected(key, child, "keys and values below it");
        return new YamlSection(document, Path(key), child as YamlMappingNode ?? document.Empty(node), problems);
    }

    public void Add(string key, string text) =>
        problems.Add(document.ShownAt(Child(key)), document.Line(Child(key) ?? node), $"{Path(key)}: {text}");

    public void Add(string text) => problems.Add(document.Shown, document.Line(node), text);

    /// <summary>Reports the keys that were not asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, value) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? key.ToString();
            if (!_known.Contains(name))
                problems.Add(document.ShownAt(value), document.Line(document.IsOverride(value) ? value : key),
                    $"unknown key '{Path(name)}'; expected one of: {string.Join(", ", _known)}");
        }
    }

    YamlNode? Child(string key)
    {
        if (!_known.Contains(key)) _known.Add(key);
        return node.Children.TryGetValue(key, out var child) ? child : null;
    }

    YamlScalarNode? Scalar(string key)
    {
        var child = Child(key);
        if (child is null) return null;
        if (child is YamlScalarNode { Value: not (null or "" or "null" or "~") } scalar) return scalar;
        Expected(key, child, "a value");
        return null;
    }

    T? Parse<T>(string key, YamlScalarNode scalar, Func<string, T> parse) where T : class
    {
        try
        {
            return parse(scalar.Value ?? "");
        }
        catch (FormatException e)
        {
            problems.Add(document.ShownAt(scalar), document.Line(scalar), $"{Path(key)}: {e.Message}");
            return null;
        }
    }

    void Expected(string key, YamlNode found, string what) =>
        problems.Add(document.ShownAt(found), document.Line(found), $"{Path(key)}: expected {what}, found " +
            found switch
            {
                YamlScalarNode { Value: null or "" } => "nothing",
                YamlScalarNode scalar => $"'{scalar.Value}'",
                YamlSequenceNode => "a list",
                _ => "a mapping",
            });

    string Path(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
