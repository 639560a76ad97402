// Tokens a second on one thread: rlab's tokenizers and Microsoft.ML.Tokenizers' own, in turn, on the same texts.
// Tokenizing FOLDER TEXTS.txt [rounds]; TEXTS.txt has a text a line. Prints lines "who tokens seconds", a line a round,
// and one "who-load 0 seconds" for making the tokenizer.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Tokenizers;
using RerankLab.Core.Scoring;
using RerankLab.Core.Scoring.Onnx.Tokenization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var (folder, texts, rounds) = (args[0], File.ReadAllLines(args[1]), args.Length > 2 ? int.Parse(args[2]) : 5);

var ours = Timed("rlab-load", () =>
{
    var encoder = new PairEncoder(TokenizerFile.Read(folder), 1 << 20, Truncation.LongestFirst);
    int special = encoder.Encode("", "").Ids.Length;
    return (Func<string, int>)(text => encoder.Encode("", text).Ids.Length - special);
});
var theirs = Timed("microsoft-load", () => Peer(folder));
// .NET compiles again what runs often: both get the time for it.
WarmUp(ours);
if (theirs is not null) WarmUp(theirs);

for (int round = 0; round < rounds; round++)
{
    Measure("rlab", ours);
    if (theirs is not null) Measure("microsoft", theirs);
}

void WarmUp(Func<string, int> count)
{
    var clock = Stopwatch.StartNew();
    while (clock.Elapsed < TimeSpan.FromSeconds(3))
        foreach (var text in texts.Take(500)) count(text);
}

void Measure(string who, Func<string, int> count)
{
    var clock = Stopwatch.StartNew();
    long tokens = 0;
    foreach (var text in texts) tokens += count(text);
    Console.WriteLine($"{who} {tokens} {clock.Elapsed.TotalSeconds:F3}");
}

static T Timed<T>(string who, Func<T> load)
{
    var clock = Stopwatch.StartNew();
    var loaded = load();
    Console.WriteLine($"{who} 0 {clock.Elapsed.TotalSeconds:F3}");
    return loaded;
}

// The library's own tokenizer for the folder's family, from the files that it reads.
static Func<string, int>? Peer(string folder)
{
    string vocabulary = Path.Combine(folder, "vocab.txt"), sentencePiece = Path.Combine(folder, "sentencepiece.bpe.model");
    Tokenizer? peer = File.Exists(vocabulary) ? BertTokenizer.Create(vocabulary)
        : File.Exists(sentencePiece) ? SentencePieceTokenizer.Create(File.OpenRead(sentencePiece), addBeginningOfSentence: false, addEndOfSentence: false)
        : null;
    return peer is null ? null : text => peer.EncodeToIds(text).Count;
}
