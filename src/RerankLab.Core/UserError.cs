namespace RerankLab.Core;

/// <summary>
/// Something the user can mend: shown as <c>error:</c> lines (and a <c>hint:</c>), exit code 1, no stack trace.
/// </summary>
public sealed class UserError : Exception
{
    public UserError(string message, string? hint = null)
        : this([new Problem(null, null, message)], hint) { }

    public UserError(IReadOnlyList<Problem> problems, string? hint = null)
        : base(string.Join(Environment.NewLine, problems))
    {
        Problems = problems;
        Hint = hint;
    }

    /// <summary>Every problem found, in the order found.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>What to do about it, where that is not plain from the problems.</summary>
    public string? Hint { get; }
}
