using System.Text.RegularExpressions;

namespace RerankLab.Core.Hub;

/// <summary>A model of the hub, as the user names it: <c>ORG/NAME</c> or <c>ORG/NAME@REV</c>.</summary>
/// <param name="Repository"><c>ORG/NAME</c>.</param>
/// <param name="Revision">A branch, tag or commit; <c>main</c> where none was named.</param>
public sealed partial record HubModelId(string Repository, string Revision)
{
    /// <summary>The hub's own default branch.</summary>
    public const string DefaultRevision = "main";

    /// <summary>What a folder of this model would be called.</summary>
    public string Name => Repository[(Repository.IndexOf('/') + 1)..];

    /// <summary>True where the revision is a whole commit hash, which needs no look-up.</summary>
    public bool IsCommit => Commit().IsMatch(Revision);

    /// <summary>Null for what cannot be the name of a model on the hub. Rules: <c>validate_repo_id</c> of huggingface_hub 1.x.</summary>
    public static HubModelId? TryParse(string text)
    {
        var parts = text.Split('@', 2);
        var (repository, revision) = (parts[0], parts.Length == 2 ? parts[1] : DefaultRevision);
        return Names().IsMatch(repository) && !repository.Contains("--") && !repository.Contains("..") && !repository.EndsWith(".git")
            && Revisions().IsMatch(revision) && !revision.Contains("..")
            ? new HubModelId(repository, revision) : null;
    }

    public override string ToString() => Revision == DefaultRevision ? Repository : $"{Repository}@{Revision}";

    [GeneratedRegex(@"\A[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?/[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?\z")]
    private static partial Regex Names();

    /// <summary>Git's names of branches and tags, with nothing in them that a path could be misled by.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*\z")]
    private static partial Regex Revisions();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit();
}
