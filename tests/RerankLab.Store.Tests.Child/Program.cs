// LAB FIRST SEED: writes scores into a lab file until it is killed. Prints "N" once score number N-1 and all before it
// are committed, as another connection sees it.
// LAB: opens a lab file for writing, which brings an older one up to date, and closes it. Prints "opening" before.
// merge INTO LAB…: merges lab files. Prints "0" when it is in the midst.
using RerankLab.Core.Keys;
using RerankLab.Core.Scoring;
using RerankLab.Store;
using RerankLab.Store.Tests.Child;

if (args[0] == "merge")
{
    LabMerge.Run(new MergeSpec(args[2..], args[1], IsDryRun: false), _ => { }, new Midst(), CancellationToken.None);
    return;
}
if (args.Length == 1)
{
    Console.Out.WriteLine("opening");
    LabFile.OpenForWriting(args[0]).Dispose();
    return;
}
var (path, number, random) = (args[0], int.Parse(args[1]), new Random(int.Parse(args[2])));
var backend = new ScorerBackend("child", "none", new Dictionary<string, string>());
while (true)
{
    // Sessions short and long, so that kills meet openings, batches, commits and closings.
    using (var lab = LabFile.OpenForWriting(path))
    {
        for (int sessions = random.Next(1, 4); sessions > 0; sessions--)
        {
            using (var writer = new ScoreCache(lab).BeginSession(ScoreStream.Scorer, backend))
            {
                for (int batches = random.Next(2) == 0 ? random.Next(10) : random.Next(10, 400); batches > 0; batches--)
                {
                    Thread.Sleep(random.Next(2) * 5);
                    for (int i = random.Next(1, 30); i > 0; i--, number++)
                    {
                        var (query, pair, logit, tokens) = ScoreStream.At(number);
                        writer.Add(query, pair, logit, tokens);
                    }
                    writer.CommitIfDue();
                    if (batches % 10 == 0) Report();
                }
            }
        }
    }
    Report();
}

void Report()
{
    if (number == 0) return;
    using var lab = LabFile.OpenForReading(path);
    var (query, pair, _, _) = ScoreStream.At(number - 1);
    QueryKeys[] keys = [new(query, [pair])];
    var found = new PairScores(keys);
    new ScoreCache(lab).Find(ScoreStream.Scorer, keys, found);
    if (!found.Has(0, 0)) return;
    Console.Out.Write($"{number}\n");
    Console.Out.Flush();
}

/// <summary>Tells that some scores are written and more are to come.</summary>
sealed class Midst : IProgress<(long Done, long Total)>
{
    public void Report((long Done, long Total) value)
    {
        Console.Out.Write("0\n");
        Console.Out.Flush();
    }
}
