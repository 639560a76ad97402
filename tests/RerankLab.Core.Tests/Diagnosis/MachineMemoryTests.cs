using RerankLab.Core.Diagnosis;

namespace RerankLab.Core.Tests.Diagnosis;

public sealed class MachineMemoryTests : IDisposable
{
    const long GiB = ByteSize.GiB;

    readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    void Machine(long availableKiB) => _root.Write("proc/meminfo",
        $"MemTotal:       49368168 kB\nMemFree:          100000 kB\nMemAvailable:   {availableKiB} kB\n");

    void ControlGroup(string max, long current, long inactiveFile)
    {
        _root.Write("sys/fs/cgroup/memory.max", max + "\n");
        _root.Write("sys/fs/cgroup/memory.current", current + "\n");
        _root.Write("sys/fs/cgroup/memory.stat", $"anon 123\nfile 456\ninactive_file {inactiveFile}\n");
    }

    long? Available => MachineMemory.Read(_root.Path).Available;

    [Fact]
    public void Without_a_control_group_the_machines_memory_counts()
    {
        Machine(availableKiB: 3 * GiB / 1024);
        Assert.Equal(3 * GiB, Available);
        ControlGroup("max", GiB, 0);
        Assert.Equal(3 * GiB, Available);
    }

    [Fact]
    public void A_containers_limit_counts_less_what_it_has_taken_and_file_cache_can_be_freed()
    {
        Machine(availableKiB: 30 * GiB / 1024);
        ControlGroup($"{4 * GiB}", 3 * GiB, GiB / 2);
        Assert.Equal(3 * GiB / 2, Available);
        Machine(availableKiB: GiB / 1024);
        Assert.Equal(GiB, Available);
    }

    [Fact]
    public void A_system_that_does_not_say_is_not_judged()
    {
        Assert.Null(Available);
        Assert.Equal(Severity.Ok, new MachineMemory(8 * GiB, null).Check(0).Severity);
    }

    [Theory]
    [InlineData(2, 0, Severity.Ok)]
    [InlineData(0.9, 0, Severity.Warning)]
    [InlineData(5, 2, Severity.Ok)]
    [InlineData(3.9, 2, Severity.Warning)]
    public void Too_little_for_the_weights_is_a_warning(double available, double weights, Severity severity)
    {
        var finding = new MachineMemory(8 * GiB, (long)(available * GiB)).Check((long)(weights * GiB));
        Assert.Equal(severity, finding.Severity);
        Assert.Equal(severity == Severity.Warning, finding.Found.EndsWith(": OOM (out of memory) is likely"));
        Assert.Equal(weights > 0, finding.Found.Contains("; the model has "));
        Assert.StartsWith("8.0 GiB, ", finding.Found);
    }
}
