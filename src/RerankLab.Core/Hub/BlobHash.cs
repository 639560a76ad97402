using System.Security.Cryptography;
using System.Text;

namespace RerankLab.Core.Hub;

/// <summary>What the hub knows a file's content by.</summary>
static class BlobHash
{
    /// <summary>
    /// SHA-256 where the hub's hash has 64 digits, else Git's blob id: SHA-1 of "blob", the size, a zero byte and the content.
    /// </summary>
    /// <param name="file">The file to hash.</param>
    /// <param name="expected">The hub's hash, which tells the kind.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>Lower-case hex digits.</returns>
    public static async Task<string> Of(string file, string expected, CancellationToken stop)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0,
            FileOptions.SequentialScan | FileOptions.Asynchronous);
        using var hash = IncrementalHash.CreateHash(IsSha256(expected) ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (!IsSha256(expected)) hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        var buffer = new byte[1 << 20];
        for (int read; (read = await stream.ReadAsync(buffer, stop)) > 0;) hash.AppendData(buffer.AsSpan(0, read));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What kind of hash it is, for people.</summary>
    public static string Kind(string hash) => IsSha256(hash) ? "SHA-256" : "Git blob id";

    /// <summary>Whether a content can be checked by this hash.</summary>
    public static bool IsKnown(string hash) => hash.Length is 40 or 64 && hash.All(char.IsAsciiHexDigitLower);

    static bool IsSha256(string hash) => hash.Length == 64;
}
