using System.Runtime;

namespace RerankLab.Core.Datasets;

/// <summary>Reads a dataset of any form. Everything wrong with its files goes to the problems.</summary>
public static class DatasetReader
{
    /// <summary>Fewer texts leave holes of some megabytes at most.</summary>
    const int WorthCompacting = 200_000;

    public static Dataset Read(DatasetSpec spec, Problems problems)
    {
        var builder = new DatasetBuilder(spec.Depth);
        switch (spec)
        {
            case JsonlCandidatesSpec jsonl: JsonlCandidates.Read(jsonl, builder, problems); break;
            case CollectionSpec collection: Collection.Read(collection, builder, problems); break;
            case PairsSpec pairs: MsMarcoPairs.Read(pairs, builder, problems); break;
            default: throw new ArgumentOutOfRangeException(nameof(spec));
        }
        if (builder.Texts.Count >= WorthCompacting) Compact();
        if (spec.Qrels is not null) builder.UseQrels(QrelsFile.Read(spec.Qrels, problems));
        return builder.Build();
    }

    /// <summary>What was gathered to make the candidates is gone: what follows shall not grow beside its room.</summary>
    static void Compact()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
