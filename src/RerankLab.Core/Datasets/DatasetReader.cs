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
        if (spec.Qrels is not null)
        {
            Compact(builder);
            builder.UseQrels(QrelsFile.Read(spec.Qrels, problems));
        }
        var dataset = builder.Build();
        Compact(builder);
        return dataset;
    }

    /// <summary>What was gathered to make candidates and judgements is gone: what follows shall not grow beside its room.</summary>
    static void Compact(DatasetBuilder builder)
    {
        if (builder.Texts.Count < WorthCompacting) return;
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
