using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using RerankLab.Core.Datasets;

namespace RerankLab.Core.Tests;

/// <summary>What many of these tests stand on.</summary>
static class Ground
{
    /// <summary>As rlab's own first statement: numbers are written alike on every machine.</summary>
    [ModuleInitializer]
    public static void UseTheCultureOfTheProgram() => CultureInfo.DefaultThreadCurrentCulture =
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    /// <summary>What was found so far, as it would be shown.</summary>
    public static string[] Shown(this Problems problems)
    {
        try
        {
            problems.ThrowIfAny();
            return [];
        }
        catch (UserError e)
        {
            return [.. e.Problems.Select(p => p.ToString())];
        }
    }

    /// <summary>A text file of the folder, shown by its name alone.</summary>
    public static DataFile File(this TemporaryFolder folder, string name, string text)
    {
        folder.Write(name, text);
        return new DataFile(name, folder[name]);
    }

    public static DataFile File(this TemporaryFolder folder, string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(folder[name], bytes);
        return new DataFile(name, folder[name]);
    }

    public static byte[] Utf8(this string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public static byte[] Zstd(byte[] bytes)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    /// <summary>A string of random scalar values: ASCII, other BMP characters and supplementary ones.</summary>
    public static string RandomText(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(random.Next(4) switch
            {
                0 => new Rune(random.Next('a', 'd')),
                1 => new Rune(random.Next(0x20, 0xD800)),
                2 => new Rune(random.Next(0xE000, 0x10000)),
                _ => new Rune(random.Next(0x10000, 0x110000)),
            });
        return text.ToString();
    }
}
