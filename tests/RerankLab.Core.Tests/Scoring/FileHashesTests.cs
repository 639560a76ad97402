using System.Security.Cryptography;
using System.Text.Json;
using RerankLab.Core.Scoring;

namespace RerankLab.Core.Tests.Scoring;

public sealed class FileHashesTests : IDisposable
{
    static readonly DateTime LongAgo = new(2025, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    readonly TemporaryFolder _folder = new();

    string Memo => _folder["cache/hashes.json"];

    public void Dispose() => _folder.Dispose();

    string Write(int size, byte fill, DateTime time)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, fill);
        File.WriteAllBytes(_folder["weights"], bytes);
        File.SetLastWriteTimeUtc(_folder["weights"], time);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    string Hash() => new FileHashes(Memo).Of(_folder["weights"]);

    [Fact]
    public void The_hash_is_the_sha256_of_the_content()
    {
        Assert.Equal(Write(1000, 1, LongAgo), Hash());
        Assert.Equal(Write(3 << 20, 2, LongAgo), Hash());
    }

    [Fact]
    public void A_big_file_of_the_same_size_and_time_is_not_read_again()
    {
        var first = Write(2 << 20, 1, LongAgo);
        Assert.Equal(first, Hash());
        Write(2 << 20, 2, LongAgo);
        Assert.Equal(first, Hash());
    }

    [Fact]
    public void Another_size_or_time_is_another_hash()
    {
        Write(2 << 20, 1, LongAgo);
        Hash();
        Assert.Equal(Write((2 << 20) + 1, 2, LongAgo), Hash());
        Assert.Equal(Write((2 << 20) + 1, 3, LongAgo.AddTicks(10_000)), Hash());
    }

    [Fact]
    public void A_link_counts_as_the_file_that_it_leads_to()
    {
        var first = Write(2 << 20, 1, LongAgo);
        File.CreateSymbolicLink(_folder["link"], "weights");
        string HashOfLink() => new FileHashes(Memo).Of(_folder["link"]);
        Assert.Equal(first, HashOfLink());
        Write(2 << 20, 2, LongAgo);
        Assert.Equal(first, HashOfLink());
        Assert.Equal(Write(2 << 20, 3, LongAgo.AddHours(1)), HashOfLink());
    }

    [Fact]
    public void One_object_forgets_as_well()
    {
        var hashes = new FileHashes(Memo);
        Write(2 << 20, 1, LongAgo);
        hashes.Of(_folder["weights"]);
        Assert.Equal(Write(2 << 20, 2, LongAgo.AddHours(1)), hashes.Of(_folder["weights"]));
    }

    [Fact]
    public void Small_files_are_read_each_time_and_not_remembered()
    {
        Write(1000, 1, LongAgo);
        Hash();
        Assert.False(File.Exists(Memo));
        Assert.Equal(Write(1000, 2, LongAgo), Hash());
    }

    [Fact]
    public void A_file_that_has_just_changed_is_not_remembered()
    {
        var now = DateTime.UtcNow.AddMinutes(1);
        Write(2 << 20, 1, now);
        Hash();
        Assert.Equal(Write(2 << 20, 2, now), Hash());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"PATH\": 5}")]
    [InlineData("{\"PATH\": null}")]
    [InlineData("{\"PATH\": {\"Size\": SIZE, \"ModifiedTicks\": TICKS}}")]
    public void A_broken_memo_costs_a_hash_and_no_more(string memo)
    {
        var expected = Write(2 << 20, 1, LongAgo);
        Directory.CreateDirectory(Path.GetDirectoryName(Memo)!);
        File.WriteAllText(Memo, memo.Replace("\"PATH\"", JsonSerializer.Serialize(_folder["weights"]))
            .Replace("SIZE", $"{2 << 20}").Replace("TICKS", $"{LongAgo.Ticks}"));
        Assert.Equal(expected, Hash());
    }

    [Fact]
    public void A_memo_that_cannot_be_written_costs_a_hash_and_no_more()
    {
        var expected = Write(2 << 20, 1, LongAgo);
        Directory.CreateDirectory(Memo);
        Assert.Equal(expected, Hash());
    }
}
