using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RerankLab.Core.Datasets;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class ScorerIdentityTests
{
    static ScorerIdentity Of(string name = "gte", string precision = "fp16", int maxLength = 512,
        string truncation = "longest_first", string graph = "aa") =>
        ScorerIdentity.Of("onnx", name, precision, new Dictionary<string, JsonNode>
        {
            ["truncation"] = truncation,
            ["max_length"] = maxLength,
            ["graph"] = graph,
            ["data"] = new JsonObject { ["model.onnx_data"] = "bb" },
        });

    static ScorerSpec Declared(string precision = "fp16", int? maxLength = null,
        Truncation truncation = Truncation.LongestFirst, string? fingerprint = null) =>
        new(new DataFile("models/gte", Path.GetFullPath("models/gte")), precision, maxLength, truncation, fingerprint);

    [Fact]
    public void The_spec_is_canonical_json_and_the_fingerprint_its_sha256()
    {
        var identity = Of();
        Assert.Equal("""{"data":{"model.onnx_data":"bb"},"graph":"aa","max_length":512,"truncation":"longest_first"}""", identity.Spec);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(identity.Spec.Utf8())), identity.Fingerprint);
        Assert.Equal(identity.Fingerprint[..12], identity.ShortFingerprint);
        Assert.Equal(512, identity.MaxLength);
    }

    [Fact]
    public void Every_field_changes_the_fingerprint_and_the_names_for_people_do_not()
    {
        ScorerIdentity[] variants = [Of(), Of(maxLength: 256), Of(truncation: "only_second"), Of(graph: "ab")];
        Assert.Equal(variants.Length, variants.Select(v => v.Fingerprint).Distinct().Count());
        Assert.Equal(Of().Fingerprint, Of(name: "copy", precision: "fp32").Fingerprint);
    }

    [Fact]
    public void Differing_fields_are_named()
    {
        Assert.Empty(Of().DifferingFields(Of(name: "copy")));
        Assert.Equal(["graph", "max_length"], Of().DifferingFields(Of(maxLength: 8, graph: "b")));
        var fields = new Dictionary<string, JsonNode> { ["zeta"] = 1, ["graph"] = "aa" };
        var other = ScorerIdentity.Of("onnx", "x", "fp16", fields);
        Assert.Equal(["data", "max_length", "truncation", "zeta"], Of().DifferingFields(other));
        Assert.Null(other.MaxLength);
    }

    [Fact]
    public void A_scorer_matches_what_is_declared()
    {
        var scorer = Of();
        Assert.True(scorer.Matches(Declared()));
        Assert.True(scorer.Matches(Declared(maxLength: 512)));
        Assert.True(scorer.Matches(Declared(fingerprint: scorer.Fingerprint[..6].ToUpperInvariant())));
        Assert.False(scorer.Matches(Declared(maxLength: 256)));
        Assert.False(scorer.Matches(Declared(precision: "fp32")));
        Assert.False(scorer.Matches(Declared(truncation: Truncation.OnlySecond)));
        Assert.False(scorer.Matches(Declared(fingerprint: "zz")));
    }

    [Theory]
    [InlineData("models/gte")]
    [InlineData("models/gte/")]
    public void A_scorer_is_named_by_the_last_name_of_its_folder(string folder) =>
        Assert.Equal("gte", new ScorerSpec(DataFile.FromCommandLine(folder), "fp32", null, Truncation.LongestFirst,
            null).Name);

    [Fact]
    public void Of_scorers_remembered_the_only_one_that_fits_is_found()
    {
        var cache = new MemoryCache(Of(), Of(maxLength: 256), Of(name: "bge"));
        Assert.Null(ScorerResolver.FindRemembered(Declared(maxLength: 64), cache));
        Assert.Equal(256, ScorerResolver.FindRemembered(Declared(maxLength: 256), cache)!.MaxLength);
    }

    [Fact]
    public void Several_that_fit_are_listed_and_a_fingerprint_chooses()
    {
        var cache = new MemoryCache(Of(), Of(maxLength: 256));
        var error = Assert.Throws<UserError>(() => ScorerResolver.FindRemembered(Declared(), cache));
        Assert.Equal($"models/gte is not on this machine, and the lab file knows 2 scorers that fit: " +
                     $"{Of().ShortFingerprint} (max_length 512); {Of(maxLength: 256).ShortFingerprint} (max_length 256)", error.Message);
        Assert.Equal($"choose one, e.g. --set scorer.fingerprint={Of().ShortFingerprint}", error.Hint);
        Assert.Equal(256, ScorerResolver.FindRemembered(Declared(fingerprint: Of(maxLength: 256).ShortFingerprint),
            cache)!.MaxLength);
    }

    [Fact]
    public void Why_scores_are_not_shared_names_the_fields_of_the_nearest_scorer()
    {
        Assert.Null(ScorerResolver.WhyNotShared(Of(), new MemoryCache(Of(), Of(name: "bge", maxLength: 1))));
        var far = Of(maxLength: 128, graph: "other", truncation: "only_second");
        var near = Of(maxLength: 256);
        Assert.Equal($"the lab file has scores of 'gte' by another scorer ({near.ShortFingerprint}), which are not shared: " +
                     "it differs in max_length (there 256, here 512)",
                         ScorerResolver.WhyNotShared(Of(), new MemoryCache(far, Of(), near)));
    }

    [Fact]
    public void Hashes_are_shown_short()
    {
        var why = ScorerResolver.WhyNotShared(Of(graph: new string('a', 64)),
            new MemoryCache(Of(graph: new string('b', 64))));
        Assert.EndsWith("it differs in graph (there \"bbbbbbbbbbbbb…, here \"aaaaaaaaaaaaa…)", why);
    }
}
