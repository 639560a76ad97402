namespace RerankLab.Store.Tests;

public class NetworkFileSystemTests
{
    [Theory]
    [InlineData(DriveType.Network, "nfs", true)]
    [InlineData(DriveType.Network, "cifs", true)]
    [InlineData(DriveType.Unknown, "fuse.sshfs", true)]
    [InlineData(DriveType.Fixed, "9p", true)]
    [InlineData(DriveType.Fixed, "ext4", false)]
    [InlineData(DriveType.Ram, "tmpfs", false)]
    [InlineData(DriveType.Fixed, "overlay", false)]
    [InlineData(DriveType.Fixed, "fuseblk", false)]
    public void A_file_system_that_other_machines_have_too_is_a_network_one(
        DriveType type, string format, bool isNetwork) =>
        Assert.Equal(isNetwork, NetworkFileSystem.IsNetwork(type, format));

    [Fact]
    public void A_folder_that_is_not_there_is_taken_for_local() => Assert.Null(NetworkFileSystem.Of("/no/such/folder"));
}
