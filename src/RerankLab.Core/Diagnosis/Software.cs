using RerankLab.Core.Runs;

namespace RerankLab.Core.Diagnosis;

/// <summary>What runs here, and on what.</summary>
public static class Software
{
    public static IEnumerable<Finding> Check()
    {
        var facts = ThisMachine.Describe();
        yield return Finding.Ok("rlab", $"{facts["rlab"]}, .NET {facts["dotnet"]}, {facts["os"]}, {facts["architecture"]}");
        yield return Finding.Ok("processor", $"{facts["cores"]} cores for this process: {facts["processor"]}");
    }
}
