using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RerankLab.Core.Scoring;

/// <summary>
/// Everything that can change a score, and nothing else. Two scorers share scores exactly when their fingerprints are
/// equal; the name and the precision only help people to find it.
/// </summary>
/// <param name="Kind"><c>onnx</c>: hashed from files; <c>declared</c>: imported scores; <c>imported</c>: imported runs.</param>
/// <param name="Name">The last name of the model folder.</param>
/// <param name="Precision">As the experiment declared it.</param>
/// <param name="Spec">Canonical JSON: keys in ordinal order, no white space, files by SHA-256.</param>
public sealed record ScorerIdentity(string Kind, string Name, string Precision, string Spec)
{
    /// <summary>The scale of a declared scorer whose values are logits.</summary>
    public const string LogitScale = "logit";

    const string DeclaredKind = "declared";

    /// <summary>SHA-256 of the spec, 64 lower-case hex digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Spec)));

    /// <summary>The fingerprint's first 12 digits, for people.</summary>
    public string ShortFingerprint => Fingerprint[..12];

    public static ScorerIdentity Of(string kind, string name, string precision, IReadOnlyDictionary<string, JsonNode> fields)
    {
        var spec = new JsonObject(fields.OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => KeyValuePair.Create(f.Key, (JsonNode?)f.Value)));
        return new ScorerIdentity(kind, name, precision, spec.ToJsonString());
    }

    /// <summary>A scorer whose weights cannot be hashed: it is what was declared. It shares no scores with a hashed one.</summary>
    /// <param name="name">The name given to its scores.</param>
    /// <param name="scale">What its values are: <see cref="LogitScale"/>, or as they came.</param>
    public static ScorerIdentity OfDeclared(string name, string scale) =>
        Of(DeclaredKind, name, DeclaredKind, new Dictionary<string, JsonNode> { [DeclaredKind] = name, ["scale"] = scale });

    /// <summary>Whether its values are logits; those of a declared scorer may be on any scale.</summary>
    public bool GivesLogits => Kind != DeclaredKind || (string?)JsonNode.Parse(Spec)!["scale"] == LogitScale;

    /// <summary>The spec's fields, each as JSON text.</summary>
    public IReadOnlyDictionary<string, string> Fields =>
        JsonNode.Parse(Spec)!.AsObject().ToDictionary(f => f.Key, f => f.Value!.ToJsonString());

    /// <summary>Tokens a pair, special ones included; null for a scorer that knows no such limit.</summary>
    public int? MaxLength => JsonNode.Parse(Spec)!["max_length"]?.GetValue<int>();

    /// <summary>
    /// True where a score may depend, a little, on the other pairs of its batch: the spec's <c>approximate</c> says why.
    /// </summary>
    public bool IsApproximate => JsonNode.Parse(Spec)!["approximate"] is not null;

    /// <summary>The fields in which two scorers differ.</summary>
    public IEnumerable<string> DifferingFields(ScorerIdentity other)
    {
        var (mine, theirs) = (Fields, other.Fields);
        return mine.Keys.Union(theirs.Keys).Where(k => mine.GetValueOrDefault(k) != theirs.GetValueOrDefault(k))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>True where the spec says what the experiment declared (an undeclared max length matches any).</summary>
    public bool Matches(ScorerSpec declared)
    {
        if (declared.Declared is not null)
            return Kind == DeclaredKind && Fingerprint.StartsWith(declared.Fingerprint ?? "", StringComparison.OrdinalIgnoreCase);
        var fields = Fields;
        return declared.Precision == Precision
               && fields.GetValueOrDefault("truncation") == $"\"{declared.Truncation.Name()}\""
               && (declared.MaxLength is null || declared.MaxLength == MaxLength)
               && Fingerprint.StartsWith(declared.Fingerprint ?? "", StringComparison.OrdinalIgnoreCase);
    }
}
