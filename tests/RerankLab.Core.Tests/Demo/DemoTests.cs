using System.Text.RegularExpressions;
using RerankLab.Core.Datasets;
using RerankLab.Demo;

namespace RerankLab.Core.Tests.Demo;

public sealed partial class DemoTests
{
    [Fact]
    public void The_model_and_the_first_stage_are_what_the_builder_makes_byte_for_byte()
    {
        using var folder = new TemporaryFolder();
        var collection = DemoCollection.Read(Repository.Demo);
        var vocabulary = new Vocabulary(collection.Passages);
        MatchModel.Build(vocabulary).Save(folder["model.onnx"]);

        Assert.Equal(File.ReadAllBytes(InDemo("model/onnx/model.onnx")), File.ReadAllBytes(folder["model.onnx"]));
        Assert.Equal(File.ReadAllText(InDemo("model/tokenizer.json")), vocabulary.ToTokenizerJson());
        Assert.Equal(File.ReadAllText(InDemo("model/tokenizer_config.json")), ModelConfig.Tokenizer());
        Assert.Equal(File.ReadAllText(InDemo("model/config.json")), ModelConfig.Model(vocabulary.Tokens.Count));
        Assert.Equal(File.ReadAllText(InDemo("first-stage.trec")), FirstStage.Run(collection));
    }

    [Fact]
    public void Model_and_tokenizer_stay_under_four_megabytes()
    {
        var files = Directory.GetFiles(InDemo("model"), "*", SearchOption.AllDirectories);
        Assert.InRange(files.Sum(f => new FileInfo(f).Length), 1, 4_000_000);
    }

    [Fact]
    public void The_collection_is_bilingual_graded_and_has_candidates_enough()
    {
        var problems = new Problems();
        var dataset = DatasetReader.Read(new CollectionSpec(Data("queries.tsv"), Data("corpus.jsonl"), Data("first-stage.trec"),
            Data("qrels.txt"), Depth: null), problems);
        problems.ThrowIfAny();

        Assert.True(dataset.Candidates.Count >= 40);
        Assert.Equal(dataset.Candidates.Count / 2, dataset.CandidateTexts.Count(t => Chinese().IsMatch(dataset.Texts[t.Query])));
        Assert.All(dataset.Candidates, q => Assert.True(q.Documents.Length >= 10));
        Assert.All(dataset.Candidates, q => Assert.Contains(dataset.Qrels!.Of(q.Id)!.Values, label => label >= 2));
        Assert.Equal([0, 1, 2, 3], dataset.Qrels!.Queries.SelectMany(q => dataset.Qrels.Of(q)!.Values).Distinct().Order());
    }

    static string InDemo(string path) => Path.Combine(Repository.Demo, path);

    static DataFile Data(string name) => new(name, InDemo(name));

    [GeneratedRegex(@"[\u4e00-\u9fff]")]
    private static partial Regex Chinese();
}
