using Cocona;
using RerankLab.Cli.Output;
using RerankLab.Store;

namespace RerankLab.Cli.Commands;

sealed class CacheCompactCommand
{
    [Command("compact", Description = "Write the lab file anew without the room that deleted rows left.")]
    public void Compact(CommonParameters common, [Option("format", Description = OutputFormats.Description)] string? format = null)
    {
        var output = OutputFormats.Parse(format);
        var (before, after) = LabFile.Compact(common.LabPath(), Talk.Note);
        var listing = new Listing("bytes_before", "bytes_after");
        listing.Add(before, after);
        listing.Write(output);
    }
}
