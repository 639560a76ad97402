using System.Text.Json.Nodes;
using RerankLab.Core.Ranking;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Runs;

/// <summary>The set-up of a run as JSON: what decided its result, resolved, and nothing that did not.</summary>
public static class RunSetup
{
    /// <param name="depth">Candidates a query as declared; null for all.</param>
    /// <param name="activation">What is done to scores that are exported.</param>
    /// <param name="scorer">Whose scores they are.</param>
    /// <param name="data">What was ranked.</param>
    public static JsonObject Of(int? depth, Activation activation, ScorerIdentity scorer, RunData data)
    {
        var scorerNode = JsonNode.Parse(scorer.Spec)!.AsObject();
        scorerNode["kind"] = scorer.Kind;
        scorerNode["model"] = scorer.Name;
        scorerNode["precision"] = scorer.Precision;
        scorerNode["fingerprint"] = scorer.Fingerprint;
        return new JsonObject
        {
            ["dataset"] = new JsonObject
            {
                ["queries"] = data.Candidates.Count,
                ["pairs"] = data.Pairs,
                ["depth"] = depth,
                ["candidates"] = data.CandidatesFingerprint,
                ["qrels"] = data.QrelsFingerprint,
            },
            ["scorer"] = scorerNode,
            ["ranking"] = new JsonObject { ["activation"] = activation.ToString().ToLowerInvariant() },
        };
    }

    /// <summary>The activation that a recorded set-up names.</summary>
    public static Activation ActivationOf(string setup) =>
        Enum.Parse<Activation>((string)JsonNode.Parse(setup)!["ranking"]!["activation"]!, ignoreCase: true);

    /// <summary>The set-up as dotted keys and plain values, in order.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Flatten(string setup)
    {
        var flat = new List<KeyValuePair<string, string>>();
        Visit("", JsonNode.Parse(setup));
        return flat;

        void Visit(string path, JsonNode? node)
        {
            if (node is JsonObject parent && parent.Count > 0)
                foreach (var (key, child) in parent) Visit(path.Length == 0 ? key : $"{path}.{key}", child);
            else
                flat.Add(KeyValuePair.Create(path, node is null or JsonObject ? "none" : node.ToString()));
        }
    }
}
