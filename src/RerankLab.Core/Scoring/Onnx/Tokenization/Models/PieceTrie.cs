namespace RerankLab.Core.Scoring.Onnx.Tokenization.Models;

/// <summary>
/// The pieces of a vocabulary, to be found by walking a text char by char. Nodes are numbered breadth first, so that the
/// children of one node lie side by side, in the order of their chars, and end where those of the next node begin.
/// </summary>
sealed class PieceTrie
{
    public const int Root = 0, None = -1;

    /// <summary>Up to here children are looked through one by one, beyond by halving.</summary>
    const int FewChildren = 8;

    readonly record struct Node(int FirstChild, int Value);

    readonly Node[] _nodes;

    /// <summary>By node, the char that leads to it.</summary>
    readonly char[] _labels;

    /// <summary>The root's children by char: every walk begins there.</summary>
    readonly int[] _rootChildren = new int[0x10000];

    /// <param name="pieces">Pieces and their values, which are not negative; no piece is empty, and each is there once.</param>
    public PieceTrie(IEnumerable<KeyValuePair<string, int>> pieces)
    {
        var sorted = pieces.ToArray();
        var (keys, values) = (Array.ConvertAll(sorted, p => p.Key), Array.ConvertAll(sorted, p => p.Value));
        Array.Sort(keys, values, StringComparer.Ordinal);

        var (labels, nodes) = (new List<char> { '\0' }, new List<Node>());
        var level = new List<(int From, int To)> { (0, keys.Length) };
        for (int depth = 0; level.Count > 0; depth++)
        {
            var below = new List<(int From, int To)>();
            foreach (var (from, to) in level)
            {
                int at = from;
                nodes.Add(new Node(labels.Count, at < to && keys[at].Length == depth ? values[at++] : None));
                while (at < to)
                {
                    int start = at;
                    char label = keys[start][depth];
                    while (at < to && keys[at][depth] == label) at++;
                    labels.Add(label);
                    below.Add((start, at));
                }
            }
            level = below;
        }
        nodes.Add(new Node(labels.Count, None));

        (_nodes, _labels) = ([.. nodes], [.. labels]);
        Array.Fill(_rootChildren, None);
        for (int child = _nodes[Root].FirstChild; child < _nodes[Root + 1].FirstChild; child++) _rootChildren[_labels[child]] = child;
    }

    /// <summary>The node that a char leads to from another; <see cref="None"/> where there is none.</summary>
    public int Step(int node, char c)
    {
        if (node == Root) return _rootChildren[c];
        int from = _nodes[node].FirstChild, to = _nodes[node + 1].FirstChild;
        while (to - from > FewChildren)
        {
            int middle = (from + to) >>> 1;
            if (_labels[middle] <= c) from = middle;
            else to = middle;
        }
        for (; from < to; from++)
            if (_labels[from] == c) return from;
        return None;
    }

    /// <summary>The value of the piece that ends at a node; <see cref="None"/> where none does.</summary>
    public int ValueAt(int node) => _nodes[node].Value;

    /// <summary>The longest piece that a text begins with, as its length and value; length 0 where it begins with none.</summary>
    public (int Length, int Value) LongestPrefix(ReadOnlySpan<char> text)
    {
        var longest = (Length: 0, Value: None);
        int node = Root;
        for (int at = 0; at < text.Length && (node = Step(node, text[at])) != None; at++)
            if (_nodes[node].Value is not None and var value) longest = (at + 1, value);
        return longest;
    }
}
