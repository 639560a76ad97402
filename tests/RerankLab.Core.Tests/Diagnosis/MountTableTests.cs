using RerankLab.Core.Diagnosis;

namespace RerankLab.Core.Tests.Diagnosis;

public sealed class MountTableTests
{
    // As Linux writes it: optional fields before the dash, spaces in octal, a mount on top of another.
    static readonly MountTable Table = MountTable.Parse("""
        22 27 0:21 / /proc rw,relatime - proc proc rw
        27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
        40 27 0:44 / /home rw,relatime shared:20 master:3 - nfs4 server:/export/home rw,vers=4.2
        41 40 0:45 / /home/ann/my\040disk rw - fuse.sshfs ann@box:/ rw
        42 27 0:46 / /scratch rw - xfs /dev/vdb rw
        43 27 0:47 / /scratch rw - tmpfs tmpfs rw

        """);

    [Theory]
    [InlineData("/lab.db", "ext4")]
    [InlineData("/home/ann/lab.db", "nfs4")]
    [InlineData("/home", "nfs4")]
    [InlineData("/homework/lab.db", "ext4")]
    [InlineData("/home/ann/my disk/lab.db", "fuse.sshfs")]
    [InlineData("/scratch/lab.db", "tmpfs")]
    public void The_deepest_and_last_mount_holds_a_path(string path, string type) =>
        Assert.Equal(type, Table.TypeOf(path));

    [Theory]
    [InlineData("nfs4", true)]
    [InlineData("cifs", true)]
    [InlineData("9p", true)]
    [InlineData("fuse.sshfs", true)]
    [InlineData("fuse.gcsfuse", true)]
    [InlineData("ext4", false)]
    [InlineData("overlay", false)]
    [InlineData("fuse.mergerfs", false)]
    public void Network_file_systems_are_known_by_type(string type, bool isNetwork) => Assert.Equal(isNetwork,
        MountTable.IsNetwork(type));

    [Fact]
    public void A_table_that_is_not_there_or_is_odd_says_nothing()
    {
        Assert.Null(MountTable.Parse("").TypeOf("/lab.db"));
        Assert.Null(MountTable.Parse("broken\n1 2 3\n").TypeOf("/lab.db"));
    }
}
