using System.Text;

namespace RerankLab.Cli.Tests;

/// <summary><c>rlab model tokens</c>, the contract with other programs.</summary>
public sealed class ModelTokensTests : IDisposable
{
    readonly Rlab _rlab = new Rlab().WithDemo();

    public ModelTokensTests() => _rlab.Write("words/vocab.txt", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "##c");

    public void Dispose() => _rlab.Dispose();

    Task<RlabResult> Tokens(string lines, params string[] arguments) =>
        _rlab.RunWithInput(Encoding.UTF8.GetBytes(lines), ["model", "tokens", .. arguments]);

    [Fact]
    public async Task A_line_of_ids_answers_a_line_of_texts_and_a_tokenizer_alone_will_do()
    {
        var result = await Tokens("""
            {"query": "A b", "passage": "ac x"}
            {"query": "", "passage": "", "id": 7}
            """, "words", "--max-length", "512");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("""
            {"input_ids":[2,4,5,3,4,6,1,3],"token_type_ids":[0,0,0,0,1,1,1,1],"truncated":false}
            {"input_ids":[2,3,3],"token_type_ids":[0,0,1],"truncated":false}

            """, result.Out);
    }

    [Theory]
    [InlineData("longest_first", """{"input_ids":[2,4,5,3,5,5,5,3],"token_type_ids":[0,0,0,0,1,1,1,1],"truncated":true}""")]
    [InlineData("only_second", """{"input_ids":[2,4,5,4,5,3,5,3],"token_type_ids":[0,0,0,0,0,0,1,1],"truncated":true}""")]
    public async Task Long_pairs_are_cut_by_the_rule_asked_for(string rule, string line)
    {
        var result = await Tokens("""{"query": "a b a b", "passage": "b b b b b"}""", "words", "--max-length", "8", "--truncation", rule);
        Assert.Equal((0, line + "\n"), (result.ExitCode, result.Out));
    }

    [Fact]
    public async Task A_model_folder_brings_its_own_length_and_says_whether_it_takes_types()
    {
        var result = await Tokens("""{"query": "cold", "passage": "a cold"}""", "demo/model");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("\"token_type_ids\":[0,", result.Out);

        Models.Write(_rlab, "untyped", Models.SumOfIds());
        result = await Tokens("""{"query": "cold", "passage": "a cold"}""", "untyped");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("\"token_type_ids\":null", result.Out);
    }

    [Theory]
    [InlineData("{\"query\": \"a\"}", "standard input:1: the key \"passage\" is missing; expected {\"query\": \"…\", \"passage\": \"…\"}")]
    [InlineData("{\"query\": \"a\", \"passage\": 1}", "standard input:1: expected a string as \"passage\", found Number; expected")]
    [InlineData("[]", "standard input:1: ")]
    [InlineData("{", "standard input:1: broken JSON")]
    public async Task A_line_that_is_no_pair_is_named_after_the_lines_before_it_were_answered(string line, string error)
    {
        var result = await Tokens(line, "words", "--max-length", "512");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"error: {error}", result.Error);
        Assert.Equal("", result.Out);

        result = await Tokens("{\"query\": \"a\", \"passage\": \"b\"}\n" + line, "words", "--max-length", "512");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("standard input:2: ", result.Error);
        Assert.StartsWith("{\"input_ids\":[2,4,3,5,3],", result.Out);
    }

    [Fact]
    public async Task A_query_that_leaves_no_room_is_named_by_its_line()
    {
        var result = await Tokens("""{"query": "a a a a a a a", "passage": "b"}""", "words", "--max-length", "8", "--truncation", "only_second");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error: standard input:1: a query of 7 tokens leaves no room for its passage", result.Error);
    }

    [Theory]
    [InlineData("error: there is no model folder nowhere\n", "nowhere")]
    [InlineData("error: the model does not say how many tokens it takes; give --max-length\n", "words")]
    [InlineData("error: --truncation: expected longest_first or only_second, found 'first'\n", "words", "--truncation", "first")]
    [InlineData("error: --max-length: expected at least 8 tokens, found 3\n", "words", "--max-length", "3")]
    [InlineData("error: the length is 100000, but the model takes at most", "demo/model", "--max-length", "100000")]
    [InlineData("error: demo: the folder has no tokenizer; expected tokenizer.json or vocab.txt\n", "demo")]
    public async Task What_cannot_be_done_is_said(string error, params string[] arguments)
    {
        var result = await Tokens("", arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(error, result.Error);
        Assert.Equal("", result.Out);
    }
}
