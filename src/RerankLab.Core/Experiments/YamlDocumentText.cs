using RerankLab.Core.Datasets;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RerankLab.Core.Experiments;

/// <summary>An experiment file as YAML nodes, with the values that <c>--set</c> put in their place.</summary>
sealed class YamlDocumentText
{
    readonly DataFile _file;
    readonly Dictionary<YamlNode, string> _overrides = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<YamlNode, YamlNode> _emptyUnder = new(ReferenceEqualityComparer.Instance);

    YamlDocumentText(DataFile file, YamlMappingNode root) => (_file, Root) = (file, root);

    public YamlMappingNode Root { get; }

    public string Shown => _file.Shown;

    /// <summary>Null, and a problem, where the text is no YAML mapping.</summary>
    public static YamlDocumentText? Parse(DataFile file, string text, Problems problems)
    {
        var scanner = new Scanner(new StringReader(text));
        try
        {
            var stream = new YamlStream();
            stream.Load(new Parser(scanner));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return new YamlDocumentText(file, root);
            problems.Add(file.Shown, null, stream.Documents.Count == 0
                ? "the file is empty; expected an experiment (name, dataset, scorer, …)"
                : "expected one YAML mapping (name, dataset, scorer, …)");
        }
        catch (YamlException e)
        {
            problems.Add(file.Shown, e.Start.Line, $"broken YAML: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 16.3 on some unclosed brackets and braces.
            problems.Add(file.Shown, scanner.CurrentPosition.Line, "broken YAML: is a bracket or brace left open above?");
        }
        return null;
    }

    /// <summary>Puts <c>a.b=value</c> in its place; the value is read as YAML.</summary>
    public void Override(string assignment, Problems problems)
    {
        var shown = $"--set {assignment}";
        var parts = assignment.Split('=', 2);
        if (parts.Length != 2 || parts[0].Length == 0)
        {
            problems.Add(shown, null, "expected KEY=VALUE, as in scorer.max_length=256");
            return;
        }
        var value = ParseValue(parts[1]);
        _overrides[value] = shown;
        foreach (var node in value.AllNodes) _overrides[node] = shown;

        var keys = parts[0].Split('.');
        var mapping = Root;
        foreach (var key in keys[..^1])
        {
            if (!mapping.Children.TryGetValue(key, out var child) || child is not YamlMappingNode next)
            {
                mapping.Children[key] = next = new YamlMappingNode();
                _overrides[next] = shown;
            }
            mapping = next;
        }
        mapping.Children[keys[^1]] = value;
    }

    public bool IsOverride(YamlNode node) => _overrides.ContainsKey(node);

    /// <summary>Where a node was written: the file, or the option that set it.</summary>
    public string ShownAt(YamlNode? node) => node is not null && _overrides.TryGetValue(node, out var option) ? option : Shown;

    /// <summary>The line of a node; null where an option set it.</summary>
    public long? Line(YamlNode node) =>
        IsOverride(node) ? null : _emptyUnder.TryGetValue(node, out var parent) ? Line(parent) : Math.Max(1, node.Start.Line);

    /// <summary>A section that is absent from <paramref name="parent"/>.</summary>
    public YamlMappingNode Empty(YamlNode parent)
    {
        var empty = new YamlMappingNode();
        _emptyUnder[empty] = parent;
        return empty;
    }

    public DataFile FileNamed(string path, YamlNode at, string key)
    {
        var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_file.FullPath)!, path));
        return new DataFile(Path.GetRelativePath(Environment.CurrentDirectory, full), full, (ShownAt(at), Line(at), key));
    }

    static YamlNode ParseValue(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : new YamlScalarNode(text);
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException)
        {
            return new YamlScalarNode(text);
        }
    }
}
