namespace RerankLab.Demo;

/// <summary>
/// The graph of the demo cross-encoder. It is constructed, not trained: a pair scores high where the weighty query
/// tokens stand in the passage, next to each other as in the query.
/// </summary>
/// <remarks>
/// Weights are multiples of 1/8 and a match is 1, 13/16 or 0, so all sums are exact in float32 and no logit depends
/// on padding, on the batch, or on the order in which a runtime adds.
/// </remarks>
public static class MatchModel
{
    const float StemMatch = 13f / 16;
    const float CoverageFactor = 5;
    const float AdjacencyFactor = 3;
    const float DensityFactor = 1;
    const float Bias = -3.5f;

    /// <summary>The matched weight, per passage token, at which the density is one half.</summary>
    const float DensityScale = 0.5f;

    /// <summary>Builds the model of a vocabulary.</summary>
    public static OnnxModelWriter Build(Vocabulary vocabulary)
    {
        var tokens = vocabulary.Tokens;
        var model = new OnnxModelWriter { GraphName = "match" };
        model.Input("input_ids", OnnxType.Int64, "batch", "sequence");
        model.Input("attention_mask", OnnxType.Int64, "batch", "sequence");
        model.Input("token_type_ids", OnnxType.Int64, "batch", "sequence");
        model.Output("logits", OnnxType.Float, "batch", 1);
        model.Initializer("token_weight", [tokens.Count], tokens.Select(token => token.Weight).ToArray());
        model.Initializer("token_stem", [tokens.Count], tokens.Select(token => token.Stem).ToArray());
        AddConstants(model);

        AddTokens(model);
        AddMatches(model);
        AddCoverage(model);
        AddAdjacency(model);
        AddDensity(model);

        Scaled(model, "coverage", CoverageFactor);
        Scaled(model, "adjacency", AdjacencyFactor);
        Scaled(model, "density", DensityFactor);
        model.Initializer("bias", [], [Bias]);
        model.Node("Add", "coverage_adjacency", ["coverage_part", "adjacency_part"]);
        model.Node("Add", "evidence", ["coverage_adjacency", "density_part"]);
        model.Node("Add", "logits", ["evidence", "bias"]);
        return model.Metadata("description", "RerankLab demo cross-encoder: constructed from the corpus, not trained");
    }

    static void AddConstants(OnnxModelWriter model)
    {
        model.Initializer("zero", [], [0f]);
        model.Initializer("one", [], [1f]);
        model.Initializer("stem_match", [], [StemMatch]);
        model.Initializer("smallest_sum", [], [1f / 8]);
        model.Initializer("zero_int", [], [0L]);
        model.Initializer("no_query_id", [], [-1L]);
        model.Initializer("no_passage_id", [], [-2L]);
        model.Initializer("no_query_stem", [], [-1]);
        model.Initializer("no_passage_stem", [], [-2]);
        model.Initializer("axis_1", [1], [1L]);
        model.Initializer("axis_2", [1], [2L]);
        model.Initializer("pad_one_after", [4], [0L, 0, 0, 1]);
        model.Initializer("pad_one_after_both", [6], [0L, 0, 0, 0, 1, 1]);
        model.Initializer("from_1", [1], [1L]);
        model.Initializer("from_1_1", [2], [1L, 1]);
        model.Initializer("to_end", [1], [long.MaxValue]);
        model.Initializer("to_end_end", [2], [long.MaxValue, long.MaxValue]);
        model.Initializer("axes_1_2", [2], [1L, 2]);
    }

    /// <summary>
    /// Which tokens are the query's and which the passage's: a token counts where the mask is set and its weight is
    /// above zero, which leaves out special tokens and punctuation.
    /// </summary>
    static void AddTokens(OnnxModelWriter model)
    {
        model.Node("Gather", "weight", ["token_weight", "input_ids"], OnnxAttribute.Int("axis", 0));
        model.Node("Gather", "stem", ["token_stem", "input_ids"], OnnxAttribute.Int("axis", 0));
        model.Node("Greater", "attended", ["attention_mask", "zero_int"]);
        model.Node("Greater", "weighty", ["weight", "zero"]);
        model.Node("And", "counts", ["attended", "weighty"]);
        model.Node("Greater", "second", ["token_type_ids", "zero_int"]);
        model.Node("Not", "first", ["second"]);
        model.Node("And", "in_query", ["counts", "first"]);
        model.Node("And", "in_passage", ["counts", "second"]);
        model.Node("Where", "query_weight", ["in_query", "weight", "zero"]);
        model.Node("Cast", "query_flag", ["in_query"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        model.Node("Cast", "passage_flag", ["in_passage"], OnnxAttribute.Int("to", (int)OnnxType.Float));
        model.Node("ReduceSum", "query_sum", ["query_weight", "axis_1"], OnnxAttribute.Int("keepdims", 1));
    }

    /// <summary>The match of every query token (axis 1) with every passage token (axis 2).</summary>
    static void AddMatches(OnnxModelWriter model)
    {
        foreach (var (kind, from) in new[] { ("id", "input_ids"), ("stem", "stem") })
        {
            model.Node("Where", $"query_{kind}", ["in_query", from, $"no_query_{kind}"]);
            model.Node("Where", $"passage_{kind}", ["in_passage", from, $"no_passage_{kind}"]);
            model.Node("Unsqueeze", $"query_{kind}_column", [$"query_{kind}", "axis_2"]);
            model.Node("Unsqueeze", $"passage_{kind}_row", [$"passage_{kind}", "axis_1"]);
            model.Node("Equal", $"same_{kind}", [$"query_{kind}_column", $"passage_{kind}_row"]);
        }
        model.Node("Where", "match_by_stem", ["same_stem", "stem_match", "zero"]);
        model.Node("Where", "match", ["same_id", "one", "match_by_stem"]);
    }

    /// <summary>The share of the query's weight that the passage holds.</summary>
    static void AddCoverage(OnnxModelWriter model)
    {
        Best(model, "best", "match");
        model.Node("Mul", "found_weight", ["query_weight", "best"]);
        Share(model, "coverage", "found_weight", "query_sum");
    }

    /// <summary>
    /// The share of the query's neighbouring pairs that are neighbours in the passage too; the coverage for a query
    /// without pairs.
    /// </summary>
    static void AddAdjacency(OnnxModelWriter model)
    {
        model.Node("Pad", "match_padded", ["match", "pad_one_after_both", "zero"]);
        model.Node("Slice", "match_next", ["match_padded", "from_1_1", "to_end_end", "axes_1_2"]);
        model.Node("Mul", "match_pair", ["match", "match_next"]);
        Best(model, "best_pair", "match_pair");
        Next(model, "query_weight");
        Next(model, "query_flag");
        model.Node("Add", "weight_of_two", ["query_weight", "query_weight_next"]);
        model.Node("Mul", "is_pair", ["query_flag", "query_flag_next"]);
        model.Node("Mul", "pair_weight", ["weight_of_two", "is_pair"]);
        model.Node("Mul", "found_pair_weight", ["pair_weight", "best_pair"]);
        model.Node("ReduceSum", "pair_sum", ["pair_weight", "axis_1"], OnnxAttribute.Int("keepdims", 1));
        Share(model, "pair_share", "found_pair_weight", "pair_sum");
        model.Node("Greater", "has_pairs", ["pair_sum", "zero"]);
        model.Node("Where", "adjacency", ["has_pairs", "pair_share", "coverage"]);
    }

    /// <summary>
    /// The matched weight of all passage tokens against the passage's length, a mild term that parts near ties.
    /// </summary>
    static void AddDensity(OnnxModelWriter model)
    {
        model.Node("Unsqueeze", "query_weight_column", ["query_weight", "axis_2"]);
        model.Node("Mul", "match_weight", ["match", "query_weight_column"]);
        Best(model, "hit", "match_weight", axis: 1);
        model.Node("ReduceSum", "hit_sum", ["hit", "axis_1"], OnnxAttribute.Int("keepdims", 1));
        model.Node("ReduceSum", "passage_length", ["passage_flag", "axis_1"], OnnxAttribute.Int("keepdims", 1));
        model.Initializer("density_scale", [], [DensityScale]);
        model.Node("Mul", "length_scaled", ["passage_length", "density_scale"]);
        model.Node("Add", "hit_and_length", ["hit_sum", "length_scaled"]);
        model.Node("Max", "hit_and_length_safe", ["hit_and_length", "smallest_sum"]);
        model.Node("Div", "density", ["hit_sum", "hit_and_length_safe"]);
    }

    /// <summary>The best value over the passage for every query token, or along axis 1 the other way round.</summary>
    static void Best(OnnxModelWriter model, string to, string from, long axis = 2) =>
        model.Node("ReduceMax", to, [from], OnnxAttribute.Ints("axes", axis), OnnxAttribute.Int("keepdims", 0));

    /// <summary>Every token's follower's value, 0 after the last.</summary>
    static void Next(OnnxModelWriter model, string name)
    {
        model.Node("Pad", name + "_padded", [name, "pad_one_after", "zero"]);
        model.Node("Slice", name + "_next", [name + "_padded", "from_1", "to_end", "axis_1"]);
    }

    /// <summary>The sum of parts over a whole that may be zero.</summary>
    static void Share(OnnxModelWriter model, string to, string parts, string whole)
    {
        model.Node("ReduceSum", to + "_sum", [parts, "axis_1"], OnnxAttribute.Int("keepdims", 1));
        model.Node("Max", to + "_whole", [whole, "smallest_sum"]);
        model.Node("Div", to, [to + "_sum", to + "_whole"]);
    }

    static void Scaled(OnnxModelWriter model, string name, float factor)
    {
        model.Initializer(name + "_factor", [], [factor]);
        model.Node("Mul", name + "_part", [name, name + "_factor"]);
    }
}
