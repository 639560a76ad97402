using System.Globalization;
using RerankLab.Demo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 1)
{
    Console.Error.WriteLine("usage: DemoBuilder [demo-folder]");
    return 2;
}
var folder = args.Length == 1 ? args[0] : FindDemo();
var collection = DemoCollection.Read(folder);
var vocabulary = new Vocabulary(collection.Passages);
var model = Path.Combine(folder, "model");

MatchModel.Build(vocabulary).Save(Path.Combine(model, "onnx", "model.onnx"));
Write(Path.Combine(model, "tokenizer.json"), vocabulary.ToTokenizerJson());
Write(Path.Combine(model, "tokenizer_config.json"), ModelConfig.Tokenizer());
Write(Path.Combine(model, "config.json"), ModelConfig.Model(vocabulary.Tokens.Count));
Write(Path.Combine(folder, "first-stage.trec"), FirstStage.Run(collection));
return 0;

void Write(string path, string text)
{
    File.WriteAllText(path, text);
    Console.WriteLine($"{Path.GetRelativePath(folder, path)}: {new FileInfo(path).Length} bytes");
}

// The demo folder of the repository that the current directory lies in.
static string FindDemo()
{
    for (var at = new DirectoryInfo(Directory.GetCurrentDirectory()); at != null; at = at.Parent)
    {
        foreach (var candidate in new[] { at.FullName, Path.Combine(at.FullName, "experiments", "demo") })
        {
            if (File.Exists(Path.Combine(candidate, "corpus.jsonl")))
                return candidate;
        }
    }
    throw new DirectoryNotFoundException("no experiments/demo with a corpus.jsonl here or above; name the folder");
}
